import type { Memory, MemoryView } from '../../../shared/domain/memory/memory.ts';
import { vectorId } from '../../../shared/domain/memory/vector-id.ts';
import type { Item, ItemKind, Key } from '../../../shared/domain/table/items.ts';
import { listingKeys } from '../../../shared/domain/table/keys.ts';
import type { Client } from './client.ts';
import { factsIn } from './fact-language.ts';
import { latestOf, type MemoryFacts } from './history.ts';
import { checkNotifications } from './notification-checks.ts';
import { missingFrom } from './set-difference.ts';
import type { SimulatedService } from './simulated-service.ts';

const itemsOf = <K extends ItemKind>({ table }: SimulatedService, kind: K): Item<K>[] =>
  [...table.rows()].flatMap(({ key, item }) => (key.kind === kind ? [item as Item<K>] : []));

const checkNothingLeft = (service: SimulatedService): void => {
  for (const { key, item } of service.table.rows()) {
    if (item.dueAt !== undefined) service.complain(`${key.pk} ${key.sk} is due for good`);
    if (['PEND', 'PLAN', 'JOB', 'OUTBOX'].includes(key.kind))
      service.complain(`${key.pk} ${key.sk} is left over`);
  }
  for (const { leaseUntil } of itemsOf(service, 'LEASE'))
    if (leaseUntil > service.scheduler.now()) service.complain('a scope is held for good');
};

const checkTurns = (service: SimulatedService): void => {
  for (const { turn } of service.history.turns.values())
    if (turn.state === 'pending') service.complain(`turn ${turn.id} was never refined`);
  const rough = new Set(
    itemsOf(service, 'TURN').flatMap(({ id, state }) => (state === 'failed' ? [id] : [])),
  );
  for (const item of itemsOf(service, 'RECENT'))
    if (!('turn' in item && rough.has(item.turn)))
      service.complain(`a pointer to ${'turn' in item ? item.turn : item.memory} is left over`);
};

const checkMemory = (
  service: SimulatedService,
  { id, stagedBy, vector, erasing }: Memory,
): void => {
  if (stagedBy) service.complain(`memory ${id} is held back for good`);
  if (vector !== undefined) service.complain(`memory ${id} kept its vector`);
  if (erasing) service.complain(`memory ${id} was never erased`);
};

const isLive = ({ state }: Memory): boolean => state === 'live';

const placeOf = ({ pk, sk }: Key): string => `${pk} ${sk}`;

const checkMemories = (service: SimulatedService): void => {
  const memories = itemsOf(service, 'MEMORY');
  for (const memory of memories) checkMemory(service, memory);
  const keys = [...service.table.rows()].map(({ key }) => key);
  const listed = new Set(keys.filter(({ kind }) => kind === 'LISTED').map(placeOf));
  const live = memories.filter(isLive);
  const wanted = new Set(
    live.flatMap((memory) => listingKeys(memory.project, memory, memory.id)).map(placeOf),
  );
  for (const place of missingFrom(listed, wanted)) service.complain(`${place} is not listed`);
  for (const place of missingFrom(wanted, listed))
    service.complain(`${place} is listed for nothing`);
};

const checkIndex = (service: SimulatedService): void => {
  const live = itemsOf(service, 'MEMORY').filter(isLive);
  const rough = itemsOf(service, 'TURN').filter(({ state }) => state === 'failed');
  const terms = new Map(live.map((memory) => [vectorId(memory.id, memory.version), memory.terms]));
  const wanted = new Set([...terms.keys(), ...rough.map(({ id }) => vectorId(id, 0))]);
  const entries = new Map(service.index.entries().map((entry) => [entry.id, entry]));
  const held = new Set(entries.keys());
  for (const id of missingFrom(held, wanted)) service.complain(`the index misses ${id}`);
  for (const id of missingFrom(wanted, held)) service.complain(`the index still holds ${id}`);
  for (const [id, words] of terms)
    if (JSON.stringify(entries.get(id)?.terms) !== JSON.stringify(words))
      service.complain(`the index holds other words of ${id}`);
};

const valuesOf = ({ versions }: MemoryFacts): RegExp[] =>
  versions
    .flatMap(({ memory }) => factsIn(memory.text))
    .map(({ value }) => new RegExp(`\\b${value}\\b`));

/** Whether what is left of a turn or a memory may tell of it: what else was drawn from the same turns keeps their text. */
const isStillExpected = (facts: MemoryFacts, live: readonly Memory[]): boolean => {
  const { lineage } = latestOf(facts).memory;
  return live.some((memory) => memory.lineage.some((turn) => lineage.includes(turn)));
};

/** Nothing tells any more what a memory said that was deleted on request, unless something else says it, too. */
const checkErased = (service: SimulatedService): void => {
  const rows = [...service.table.rows()].map(({ key, item }) => [
    placeOf(key),
    JSON.stringify(item),
  ]);
  const live = itemsOf(service, 'MEMORY').filter(isLive);
  const turns = [...service.history.turns.values()];
  const isSaidElsewhere = (facts: MemoryFacts, word: RegExp): boolean =>
    live.some(({ text }) => word.test(text)) ||
    turns.some(
      ({ turn, said }) => !latestOf(facts).memory.lineage.includes(turn.id) && word.test(said),
    );
  for (const facts of service.history.memories.values()) {
    if (facts.deletedBy !== 'request' || isStillExpected(facts, live)) continue;
    const gone = valuesOf(facts).filter((word) => !isSaidElsewhere(facts, word));
    const recipient = rows.filter(([, text = '']) => gone.some((word) => word.test(text)));
    for (const [place] of recipient) service.complain(`${place} still tells of memory ${facts.id}`);
  }
};

/** A thing has one memory, whoever speaks of it. */
const checkTwins = (service: SimulatedService, views: readonly MemoryView[]): void => {
  const slots = views.flatMap(({ text }) => factsIn(text).slice(0, 1)).map(({ slot }) => slot);
  const twice = new Set(slots.filter((slot, index) => slots.indexOf(slot) !== index));
  for (const slot of twice) service.complain(`in the end there are two memories of ${slot}`);
};

const checkSlots = (
  service: SimulatedService,
  { log }: Client,
  views: readonly MemoryView[],
): void => {
  for (const slot of log.slots()) {
    const expected = log.expected(slot, service.history);
    if (!expected) continue;
    const texts = views.filter(({ text }) => text.startsWith(`${slot}=`)).map(({ text }) => text);
    const wanted = expected.text === undefined ? [] : [expected.text];
    if (texts.join() !== wanted.join())
      service.complain(`in the end ${slot} reads [${texts}] instead of [${wanted}]`);
  }
};

/** Whether each client alone decides what its slots say. */
const isTold = ({ scenario, history }: SimulatedService): boolean =>
  !scenario.shared && !history.cutoffs.some(({ match }) => match.run);

/** What must hold once faults are over, time has passed and nothing is due any more. */
export const checkEnd = (
  service: SimulatedService,
  clients: readonly Client[],
  views: readonly MemoryView[],
): void => {
  checkNothingLeft(service);
  checkTurns(service);
  checkMemories(service);
  checkIndex(service);
  checkErased(service);
  checkNotifications(service);
  checkTwins(
    service,
    views.filter(({ rough }) => !rough),
  );
  if (isTold(service)) for (const client of clients) checkSlots(service, client, views);
};
