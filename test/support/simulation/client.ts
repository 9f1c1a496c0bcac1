import { type AcceptRequest, type AcceptResult, accept } from '../../../shared/core/accept.ts';
import { deleteAll } from '../../../shared/core/erasure/delete-all.ts';
import { deleteMemory } from '../../../shared/core/erasure/delete-memory.ts';
import { cancelEvent, getEvent, retryEvent, waitForEvent } from '../../../shared/core/events.ts';
import { getMemory } from '../../../shared/core/memories/read-memories.ts';
import { updateMemory } from '../../../shared/core/memories/update-memory.ts';
import { RetryableError } from '../../../shared/domain/errors.ts';
import type { Entities } from '../../../shared/domain/memory/entities.ts';
import type { MemoryView } from '../../../shared/domain/memory/memory.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import { begun } from '../begun.ts';
import { type Fact, factsIn, factsOfTurn, slots, takenBack, textOf } from './fact-language.ts';
import type { Operation } from './scenario.ts';
import { project, read, type SimulatedService, user } from './simulated-service.ts';
import type { SlotLog } from './slot-log.ts';

/** What survives when the process that serves a client crashes: the client itself. */
export interface Client {
  name: string;
  slots: readonly string[];
  log: SlotLog;
  left: number;
  /** What it is doing, as far as it must be doubted when no answer comes. */
  doubt: readonly string[];
  turns: string[];
  said: string[];
  values: number;
}

/** What happened leaves open what is to be seen. */
class InDoubt extends Error {}

interface Served {
  service: SimulatedService;
  platform: Platform;
  client: Client;
}

const freshValue = ({ client }: Served): string => `${client.name}${++client.values}`;

const entitiesFor = ({ service }: Served): Entities => {
  const { random, scenario } = service;
  return random.chance(scenario.runs) ? { user, run: random.pick(['r1', 'r2']) } : { user };
};

const requestOf = (served: Served, facts: readonly Fact[]): AcceptRequest => {
  const { service, client } = served;
  const key = service.random.chance(0.5) ? `${client.name}#${client.left}` : undefined;
  return {
    entities: entitiesFor(served),
    messages: [{ role: 'user', content: facts.map(textOf).join(' ') }],
    metadata: {},
    options: { infer: true },
    ...(key === undefined ? { dedupe: false } : { idempotencyKey: key }),
  };
};

const noteAccepted = ({ service, client }: Served, accepted: AcceptResult): string => {
  if (!('turn' in accepted)) throw new Error(`a request was answered ${accepted.outcome}`);
  const facts = service.history.turns.get(accepted.turn);
  if (!facts) service.complain(`turn ${accepted.turn} was acknowledged, but nothing was written`);
  else {
    facts.ackedAt ??= service.scheduler.step();
  }
  client.turns.push(accepted.turn);
  return accepted.turn;
};

/** Sends a request, and sends it again when it has a key and no answer came. */
const send = async (served: Served, request: AcceptRequest): Promise<string> => {
  const { platform } = served;
  for (let left = request.idempotencyKey === undefined ? 0 : 2; ; left--) {
    try {
      return noteAccepted(served, await accept(platform, project, request));
    } catch (error) {
      if (!(error instanceof RetryableError) || left === 0) throw error;
    }
  }
};

const say = async (served: Served, facts: readonly Fact[], more: Partial<AcceptRequest> = {}) => {
  const { client } = served;
  client.doubt = facts.map(({ slot }) => slot);
  const turn = await send(served, { ...requestOf(served, facts), ...more });
  client.said = facts.map(textOf);
  for (const fact of facts) client.log.said(fact, turn);
};

const anyFact = (served: Served, value = freshValue(served)): Fact => ({
  slot: served.service.random.pick(served.client.slots),
  value,
});

const look = async (served: Served): Promise<readonly MemoryView[]> => {
  const { service, platform } = served;
  const how = service.random.chance(0.5) ? 'list' : 'search';
  return read(service, platform, { kind: 'user', id: user }, how);
};

/** A memory of one of the client's own slots. */
const ownMemory = async (served: Served): Promise<MemoryView | undefined> => {
  const { service, client } = served;
  const own = (await look(served)).filter(
    (view) => !view.rough && client.slots.includes(factsIn(view.text)[0]?.slot ?? ''),
  );
  return own.length > 0 ? service.random.pick(own) : undefined;
};

const slotOf = (view: MemoryView): string => factsIn(view.text)[0]?.slot ?? '';

const remove = async ({ service, platform, client }: Served, view: MemoryView): Promise<void> => {
  const slot = slotOf(view);
  client.doubt = [...client.doubt, slot];
  if ((await deleteMemory(platform, project, view.id)) !== 'deleted') return;
  const facts = service.history.memories.get(view.id);
  if (facts && facts.deletedAt === undefined)
    service.complain(`memory ${view.id} was answered to be deleted, but is not`);
  client.log.deleted(slot, view.id);
};

const edit = async (served: Served): Promise<void> => {
  const { platform, client } = served;
  const view = await ownMemory(served);
  if (!view) return;
  const text = textOf({ slot: slotOf(view), value: freshValue(served) });
  client.doubt = [slotOf(view)];
  const updated = await updateMemory(platform, project, view.id, { text });
  if (updated.outcome === 'updated') client.log.edited(slotOf(view), view.id, text);
};

const lastTurn = ({ service, client }: Served) => {
  const id = client.turns.at(-1);
  return id === undefined ? undefined : service.history.turns.get(id)?.turn;
};

const slotsSaid = (client: Client): string[] =>
  client.said.flatMap((text) => factsIn(text).map(({ slot }) => slot));

const forget = async ({ service, platform, client }: Served, match: Entities): Promise<void> => {
  client.doubt = client.slots;
  const { event } = begun(await deleteAll(platform, project, match));
  await read(service, platform, { kind: 'user', id: user }, 'list');
  if (service.random.chance(0.3)) await waitForEvent(platform, project, event, 300);
};

const verbatim =
  (count: number) =>
  async (served: Served): Promise<void> => {
    const { client } = served;
    const texts = Array.from({ length: count }, () => `note ${freshValue(served)}`);
    client.doubt = [];
    await send(served, {
      ...requestOf(served, []),
      messages: [{ role: 'user', content: texts.join(' ') }],
      options: { infer: false, verbatim: texts },
    });
  };

/** A request that is recognised when it is sent again. */
const repeatable = (served: Served): AcceptRequest => {
  const { dedupe: _, ...request } = requestOf(served, [anyFact(served)]);
  return request;
};

/** The same request at the same time from two sides. */
const sendTwice = async (served: Served, request: AcceptRequest): Promise<void> => {
  const { service, client } = served;
  const facts = factsOfTurn(request);
  client.doubt = facts.map(({ slot }) => slot);
  const sent = await Promise.allSettled([send(served, request), send(served, request)]);
  const told = sent.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const turns = new Set(told);
  if (turns.size > 1 && request.idempotencyKey !== undefined)
    service.complain(`one idempotency key made ${turns.size} turns`);
  client.said = facts.map(textOf);
  const [turn] = turns;
  // One that was not told of may be a turn of its own, when it came after the window in which repeats are known.
  if (turn === undefined || turns.size > 1 || told.length < sent.length) throw new InDoubt();
  for (const fact of facts) client.log.said(fact, turn);
};

/** What each operation does. Whatever throws leaves its slots in doubt. */
const operations: { [operation in Operation]: (served: Served) => Promise<unknown> } = {
  add: (served) => say(served, [anyFact(served)]),
  async addTwo(served) {
    const [first = '', second = ''] = served.client.slots;
    await say(served, [
      { slot: first, value: freshValue(served) },
      { slot: second, value: freshValue(served) },
    ]);
  },
  async repeat(served) {
    const { client } = served;
    const said = client.said.flatMap(factsIn);
    await say(served, said.length > 0 ? said : [anyFact(served)]);
  },
  takeBack: (served) => say(served, [anyFact(served, takenBack)]),
  verbatim: verbatim(2),
  large: verbatim(30),
  async twice(served) {
    const { client, service, platform } = served;
    const request = repeatable(served);
    await sendTwice(served, request);
    const turn = client.turns.at(-1);
    const facts = turn === undefined ? undefined : service.history.turns.get(turn);
    if (!facts || service.random.chance(0.5)) return;
    await waitForEvent(platform, project, facts.turn.event, 8_000);
    await sendTwice(served, request);
  },
  edit,
  async delete(served) {
    const view = await ownMemory(served);
    if (view) await remove(served, view);
  },
  async deleteTogether(served) {
    const own = (await look(served)).filter((view) => served.client.slots.includes(slotOf(view)));
    const refined = own.filter((view) => !view.rough).slice(0, 2);
    const removed = await Promise.allSettled(refined.map((view) => remove(served, view)));
    for (const one of removed) if (one.status === 'rejected') throw one.reason;
  },
  async deleteRough(served) {
    const turn = lastTurn(served);
    if (!turn) return;
    served.client.doubt = slotsSaid(served.client);
    await deleteMemory(served.platform, project, turn.id);
  },
  /** A turn of another user, whom nobody asks for: another scope that is refined beside. */
  async stranger(served) {
    const { service, platform, client } = served;
    client.doubt = [];
    const fact = { slot: service.random.pick(slots), value: freshValue(served) };
    await accept(platform, project, { ...requestOf(served, [fact]), entities: { user: 'v' } });
  },
  async cancel(served) {
    const turn = lastTurn(served);
    if (!turn) return;
    served.client.doubt = slotsSaid(served.client);
    await cancelEvent(served.platform, project, turn.event);
  },
  async retry(served) {
    const { service, platform } = served;
    const failed = [...service.history.turns.values()].filter(
      ({ turn }) => turn.state === 'failed',
    );
    if (failed.length > 0)
      await retryEvent(platform, project, service.random.pick(failed).turn.event);
  },
  forgetUser: (served) => forget(served, { user }),
  forgetRun: (served) => forget(served, { run: served.service.random.pick(['r1', 'r2']) }),
  look,
  async wait(served) {
    const turn = lastTurn(served);
    if (!turn) return;
    await waitForEvent(served.platform, project, turn.event, 400);
    await getEvent(served.platform, project, turn.event);
    await getMemory(served.platform, project, turn.id);
  },
  rest: ({ service, platform }) => platform.clock.sleep(service.random.below(150_000)),
};

const choose = ({ random, scenario }: SimulatedService): Operation => {
  const entries = Object.entries(scenario.mix) as [Operation, number][];
  let ticket = random.below(entries.reduce((sum, [, weight]) => sum + weight, 0));
  for (const [operation, weight] of entries) {
    ticket -= weight;
    if (ticket < 0) return operation;
  }
  return 'look';
};

const attempt = async (served: Served): Promise<void> => {
  const { service, client } = served;
  try {
    await operations[choose(service)](served);
  } catch (error) {
    for (const slot of client.doubt) client.log.doubt(slot);
    if (error instanceof RetryableError || error instanceof InDoubt) return;
    service.bug(error instanceof Error ? (error.stack ?? '') : String(error));
  }
};

/** One operation after the other, until none is left. A process that takes over begins with the next. */
export const serve = async (served: Served): Promise<void> => {
  const { client } = served;
  for (const slot of client.doubt) client.log.doubt(slot);
  while (client.left > 0) {
    client.left -= 1;
    client.doubt = [];
    await attempt(served);
    client.doubt = [];
  }
};
