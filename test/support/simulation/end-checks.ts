import type { Memory, MemoryView } from '../../../shared/domain/memory/memory.ts';
import { vectorId } from '../../../shared/domain/memory/vector-id.ts';
import type { Item, ItemKind, Key } from '../../../shared/domain/table/items.ts';
import { filingKeys } from '../../../shared/domain/table/keys.ts';
import type { Client } from './client.ts';
import { factsIn } from './facts.ts';
import { latestOf, type MemoryFacts } from './history.ts';
import { missingFrom } from './missing-from.ts';
import { checkTold } from './told-checks.ts';
import type { World } from './world.ts';

const itemsOf = <K extends ItemKind>({ table }: World, kind: K): Item<K>[] =>
  [...table.rows()].flatMap(({ key, item }) => (key.kind === kind ? [item as Item<K>] : []));

const checkNothingLeft = (world: World): void => {
  for (const { key, item } of world.table.rows()) {
    if (item.dueAt !== undefined) world.complain(`${key.pk} ${key.sk} is due for good`);
    if (['PEND', 'PLAN', 'JOB', 'OUTBOX'].includes(key.kind))
      world.complain(`${key.pk} ${key.sk} is left over`);
  }
  for (const { leaseUntil } of itemsOf(world, 'HEAD'))
    if (leaseUntil > world.scheduler.now()) world.complain('a scope is held for good');
};

const checkTurns = (world: World): void => {
  for (const { turn } of world.history.turns.values())
    if (turn.state === 'pending') world.complain(`turn ${turn.id} was never refined`);
  const rough = new Set(
    itemsOf(world, 'TURN').flatMap(({ id, state }) => (state === 'failed' ? [id] : [])),
  );
  for (const item of itemsOf(world, 'RECENT'))
    if (!('turn' in item && rough.has(item.turn)))
      world.complain(`a pointer to ${'turn' in item ? item.turn : item.memory} is left over`);
};

const checkMemory = (world: World, { id, stagedBy, vector, erasing }: Memory): void => {
  if (stagedBy) world.complain(`memory ${id} is held back for good`);
  if (vector !== undefined) world.complain(`memory ${id} kept its vector`);
  if (erasing) world.complain(`memory ${id} was never erased`);
};

const isLive = ({ state }: Memory): boolean => state === 'live';

const placeOf = ({ pk, sk }: Key): string => `${pk} ${sk}`;

const checkMemories = (world: World): void => {
  const memories = itemsOf(world, 'MEMORY');
  for (const memory of memories) checkMemory(world, memory);
  const keys = [...world.table.rows()].map(({ key }) => key);
  const filed = new Set(keys.filter(({ kind }) => kind === 'FILED').map(placeOf));
  const live = memories.filter(isLive);
  const wanted = new Set(
    live.flatMap((memory) => filingKeys(memory.project, memory, memory.id)).map(placeOf),
  );
  for (const place of missingFrom(filed, wanted)) world.complain(`${place} is not filed`);
  for (const place of missingFrom(wanted, filed)) world.complain(`${place} is filed for nothing`);
};

const checkIndex = (world: World): void => {
  const live = itemsOf(world, 'MEMORY').filter(isLive);
  const rough = itemsOf(world, 'TURN').filter(({ state }) => state === 'failed');
  const terms = new Map(live.map((memory) => [vectorId(memory.id, memory.version), memory.terms]));
  const wanted = new Set([...terms.keys(), ...rough.map(({ id }) => vectorId(id, 0))]);
  const entries = new Map(world.index.entries().map((entry) => [entry.id, entry]));
  const held = new Set(entries.keys());
  for (const id of missingFrom(held, wanted)) world.complain(`the index misses ${id}`);
  for (const id of missingFrom(wanted, held)) world.complain(`the index still holds ${id}`);
  for (const [id, words] of terms)
    if (JSON.stringify(entries.get(id)?.terms) !== JSON.stringify(words))
      world.complain(`the index holds other words of ${id}`);
};

const valuesOf = ({ versions }: MemoryFacts): RegExp[] =>
  versions
    .flatMap(({ memory }) => factsIn(memory.text))
    .map(({ value }) => new RegExp(`\\b${value}\\b`));

/** Whether what is left of a turn or a memory may tell of it: what else was drawn from the same turns keeps their text. */
const isStillTold = (facts: MemoryFacts, live: readonly Memory[]): boolean => {
  const { lineage } = latestOf(facts).memory;
  return live.some((memory) => memory.lineage.some((turn) => lineage.includes(turn)));
};

/** Nothing tells any more what a memory said that was deleted on request, unless something else says it, too. */
const checkErased = (world: World): void => {
  const rows = [...world.table.rows()].map(({ key, item }) => [placeOf(key), JSON.stringify(item)]);
  const live = itemsOf(world, 'MEMORY').filter(isLive);
  const turns = [...world.history.turns.values()];
  const isSaidElsewhere = (facts: MemoryFacts, word: RegExp): boolean =>
    live.some(({ text }) => word.test(text)) ||
    turns.some(
      ({ turn, said }) => !latestOf(facts).memory.lineage.includes(turn.id) && word.test(said),
    );
  for (const facts of world.history.memories.values()) {
    if (facts.deletedBy !== 'request' || isStillTold(facts, live)) continue;
    const gone = valuesOf(facts).filter((word) => !isSaidElsewhere(facts, word));
    const telling = rows.filter(([, text = '']) => gone.some((word) => word.test(text)));
    for (const [place] of telling) world.complain(`${place} still tells of memory ${facts.id}`);
  }
};

/** A thing has one memory, whoever speaks of it. */
const checkTwins = (world: World, views: readonly MemoryView[]): void => {
  const slots = views.flatMap(({ text }) => factsIn(text).slice(0, 1)).map(({ slot }) => slot);
  const twice = new Set(slots.filter((slot, index) => slots.indexOf(slot) !== index));
  for (const slot of twice) world.complain(`in the end there are two memories of ${slot}`);
};

const checkSlots = (world: World, { log }: Client, views: readonly MemoryView[]): void => {
  for (const slot of log.slots()) {
    const expected = log.expected(slot, world.history);
    if (!expected) continue;
    const texts = views.filter(({ text }) => text.startsWith(`${slot}=`)).map(({ text }) => text);
    const wanted = expected.text === undefined ? [] : [expected.text];
    if (texts.join() !== wanted.join())
      world.complain(`in the end ${slot} reads [${texts}] instead of [${wanted}]`);
  }
};

/** Whether each client alone decides what its slots say. */
const isTold = ({ scenario, history }: World): boolean =>
  !scenario.shared && !history.cutoffs.some(({ match }) => match.run);

/** What must hold once faults are over, time has passed and nothing is due any more. */
export const checkEnd = (
  world: World,
  clients: readonly Client[],
  views: readonly MemoryView[],
): void => {
  checkNothingLeft(world);
  checkTurns(world);
  checkMemories(world);
  checkIndex(world);
  checkErased(world);
  checkTold(world);
  checkTwins(
    world,
    views.filter(({ rough }) => !rough),
  );
  if (isTold(world)) for (const client of clients) checkSlots(world, client, views);
};
