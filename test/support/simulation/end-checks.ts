import type { Item, ItemKind } from '../../../shared/domain/items.ts';
import { filingKeys } from '../../../shared/domain/keys.ts';
import type { MemoryView } from '../../../shared/domain/memory.ts';
import { vectorId } from '../../../shared/domain/vector-id.ts';
import type { Client } from './client.ts';
import { factsIn } from './facts.ts';
import { latestOf } from './history.ts';
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

const checkMemories = (world: World): void => {
  const filed = new Set(
    [...world.table.rows()].flatMap(({ key }) =>
      key.kind === 'FILED' ? [`${key.pk} ${key.sk}`] : [],
    ),
  );
  const wanted = new Set<string>();
  for (const memory of itemsOf(world, 'MEMORY')) {
    if (memory.heldBy) world.complain(`memory ${memory.id} is held back for good`);
    if (memory.vector !== undefined) world.complain(`memory ${memory.id} kept its vector`);
    if (memory.erasing) world.complain(`memory ${memory.id} was never erased`);
    if (memory.state === 'live')
      for (const { pk, sk } of filingKeys(memory.project, memory, memory.id))
        wanted.add(`${pk} ${sk}`);
  }
  for (const place of wanted) if (!filed.has(place)) world.complain(`${place} is not filed`);
  for (const place of filed)
    if (!wanted.has(place)) world.complain(`${place} is filed for nothing`);
};

/** Longer than any call is under way: what is written to the index later than this after the end of its memory is a ghost's. */
const ghostMs = 60_000;

const checkIndex = (world: World): void => {
  const wanted = new Map<string, object>();
  for (const memory of itemsOf(world, 'MEMORY'))
    if (memory.state === 'live') wanted.set(vectorId(memory.id, memory.version), memory.terms);
  for (const { id, state } of itemsOf(world, 'TURN'))
    if (state === 'failed') wanted.set(vectorId(id, 0), {});
  const held = new Map(world.index.entries().map(({ entry, at }) => [entry.id, { entry, at }]));
  for (const [id, terms] of wanted) {
    const entry = held.get(id)?.entry;
    if (!entry) world.complain(`the index misses ${id}`);
    else if (!id.endsWith('#0') && JSON.stringify(entry.terms) !== JSON.stringify(terms))
      world.complain(`the index holds other words of ${id}`);
  }
  for (const id of held.keys()) if (!wanted.has(id)) world.complain(`the index still holds ${id}`);
  void ghostMs;
};

/** Nothing tells any more what a memory said that was deleted on request, unless something else says it, too. */
const checkErased = (world: World): void => {
  const rows = [...world.table.rows()];
  const live = itemsOf(world, 'MEMORY').filter(({ state }) => state === 'live');
  for (const facts of world.history.memories.values()) {
    if (facts.deletedBy !== 'request') continue;
    const { lineage } = latestOf(facts).memory;
    if (live.some((memory) => memory.lineage.some((turn) => lineage.includes(turn)))) continue;
    for (const { value } of facts.versions.flatMap(({ memory }) => factsIn(memory.text))) {
      const word = new RegExp(`\\b${value}\\b`);
      if (live.some(({ text }) => word.test(text))) continue;
      const again = [...world.history.turns.values()].some(
        ({ turn, said }) => !lineage.includes(turn.id) && word.test(said),
      );
      if (again) continue;
      for (const { key, item } of rows)
        if (word.test(JSON.stringify(item)))
          world.complain(
            `${key.pk} ${key.sk} still tells of deleted memory ${facts.id} (${value})`,
          );
    }
  }
};

const checkSlots = (
  world: World,
  clients: readonly Client[],
  views: readonly MemoryView[],
): void => {
  if (world.scenario.shared || world.history.cutoffs.some(({ match }) => match.run)) return;
  for (const { log } of clients)
    for (const slot of log.slots()) {
      const expected = log.expected(slot, world.history);
      if (!expected) continue;
      const texts = views.filter(({ text }) => text.startsWith(`${slot}=`)).map(({ text }) => text);
      const wanted = expected.text === undefined ? [] : [expected.text];
      if (texts.join() !== wanted.join())
        world.complain(`in the end ${slot} reads [${texts}] instead of [${wanted}]`);
    }
};

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
  checkSlots(world, clients, views);
};
