import { isKeptVerbatim, messageEntryId, messagesOf } from '../core/retrieval/messages.ts';
import { messageId } from '../domain/memory/derived-ids.ts';
import type { Memory, MemoryView } from '../domain/memory/memory.ts';
import { vectorId } from '../domain/memory/vector-id.ts';
import type { Item, ItemKind, Key } from '../domain/table/items.ts';
import { closedKeys, listedTurnKeys, listingKeys } from '../domain/table/keys.ts';
import type { Client } from './client-run.ts';
import { factsIn } from './fact-language.ts';
import { latestOf, type MemoryFacts, type TurnFacts } from './history.ts';
import { checkNotifications } from './notification-checks.ts';
import { missingFrom } from './set-difference.ts';
import type { SimulatedService } from './simulated-service.ts';

const itemsOf = <K extends ItemKind>({ table }: SimulatedService, kind: K): Item<K>[] =>
  [...table.rows()].flatMap(({ key, item }) => (key.kind === kind ? [item as Item<K>] : []));

const checkNoWorkLeft = (service: SimulatedService): void => {
  for (const { key, item } of service.table.rows()) {
    if (item.dueAt !== undefined) service.report(`${key.pk} ${key.sk} stays due`);
    if (['PEND', 'PLAN', 'TASKS', 'JOB', 'DERIVE', 'OUTBOX'].includes(key.kind))
      service.report(`${key.pk} ${key.sk} is left over`);
  }
  for (const { leaseUntil = 0 } of itemsOf(service, 'LEASE'))
    if (leaseUntil > service.scheduler.now()) service.report('a scope stays leased');
};

const checkTurns = (service: SimulatedService): void => {
  for (const { turn } of service.history.turns.values())
    if (turn.state === 'pending') service.report(`turn ${turn.id} was never refined`);
  const rough = new Set(
    itemsOf(service, 'TURN').flatMap(({ id, state }) => (state === 'failed' ? [id] : [])),
  );
  for (const item of itemsOf(service, 'RECENT'))
    if (!('turn' in item && rough.has(item.turn)))
      service.report(`a pointer to ${'turn' in item ? item.turn : item.memory} is left over`);
};

const formatKey = ({ pk, sk }: Key): string => `${pk} ${sk}`;

/** Refined turns that have their text, and no others, are in the listings of turns. */
const checkListedTurns = (service: SimulatedService): void => {
  const keys = [...service.table.rows()].map(({ key }) => key);
  const listed = new Set(keys.filter(({ kind }) => kind === 'LISTED_TURN').map(formatKey));
  const kept = itemsOf(service, 'TURN').filter(
    ({ state, erased }) => state === 'applied' && !erased,
  );
  const wanted = new Set(
    kept.flatMap((turn) => listedTurnKeys(turn.project, turn, turn.id)).map(formatKey),
  );
  for (const place of missingFrom(listed, wanted)) service.report(`${place} is not listed`);
  for (const place of missingFrom(wanted, listed))
    service.report(`${place} is listed, but has no text`);
};

const checkMemory = (
  service: SimulatedService,
  { id, stagedBy, vector, erasing }: Memory,
): void => {
  if (stagedBy) service.report(`memory ${id} stays staged`);
  if (vector !== undefined) service.report(`memory ${id} kept its vector`);
  if (erasing) service.report(`memory ${id} was never erased`);
};

const isLive = ({ state }: Memory): boolean => state === 'live';

/** Closed memories, and no others, are in the listings of closed ones. */
const checkClosed = (service: SimulatedService, memories: readonly Memory[]): void => {
  const keys = [...service.table.rows()].map(({ key }) => key);
  const listed = new Set(keys.filter(({ kind }) => kind === 'CLOSED').map(formatKey));
  const closed = memories.filter(({ state }) => state === 'closed');
  const wanted = new Set(
    closed.flatMap((memory) => closedKeys(memory.project, memory, memory.id)).map(formatKey),
  );
  for (const place of missingFrom(listed, wanted)) service.report(`${place} is not listed`);
  for (const place of missingFrom(wanted, listed))
    service.report(`${place} is listed, but not closed`);
};

const checkMemories = (service: SimulatedService): void => {
  const memories = itemsOf(service, 'MEMORY');
  for (const memory of memories) checkMemory(service, memory);
  const keys = [...service.table.rows()].map(({ key }) => key);
  const listed = new Set(keys.filter(({ kind }) => kind === 'LISTED').map(formatKey));
  const live = memories.filter(isLive);
  const wanted = new Set(
    live.flatMap((memory) => listingKeys(memory.project, memory, memory.id)).map(formatKey),
  );
  for (const place of missingFrom(listed, wanted)) service.report(`${place} is not listed`);
  for (const place of missingFrom(wanted, listed))
    service.report(`${place} is listed, but not live`);
  checkClosed(service, memories);
};

/** Ids of the index entries of all messages that readers may see. */
const messageEntries = (service: SimulatedService): string[] =>
  itemsOf(service, 'TURN')
    .filter((turn) => turn.state !== 'cancelled' && !turn.erased && !isKeptVerbatim(turn))
    .flatMap((turn) => messagesOf(turn).map(messageEntryId));

const checkIndex = (service: SimulatedService): void => {
  for (const { id, erasedEntries } of itemsOf(service, 'TURN'))
    if (erasedEntries) service.report(`erased messages of turn ${id} may be left in the index`);
  const kept = itemsOf(service, 'MEMORY').filter(({ state }) => state !== 'deleted');
  const terms = new Map(kept.map((memory) => [vectorId(memory.id, memory.version), memory.terms]));
  const wanted = new Set([...terms.keys(), ...messageEntries(service)]);
  const entries = new Map(service.index.entries().map((entry) => [entry.id, entry]));
  const indexed = new Set(entries.keys());
  for (const id of missingFrom(indexed, wanted)) service.report(`the index misses ${id}`);
  for (const id of missingFrom(wanted, indexed)) service.report(`the index still contains ${id}`);
  for (const [id, expectedTerms] of terms)
    if (JSON.stringify(entries.get(id)?.terms) !== JSON.stringify(expectedTerms))
      service.report(`the index has other terms for ${id}`);
};

const valuesOf = ({ versions }: MemoryFacts): RegExp[] =>
  versions
    .flatMap(({ memory }) => factsIn(memory.text))
    .map(({ value }) => new RegExp(`\\b${value}\\b`));

/** Whether texts of a deleted memory may remain: other memories of the same turns, closed ones too, keep those turns' texts. */
const mayRemain = (facts: MemoryFacts, kept: readonly Memory[]): boolean => {
  const { lineage } = latestOf(facts).memory;
  return kept.some((memory) => memory.lineage.some((turn) => lineage.includes(turn)));
};

/** Whether a turn has a word in a message that did not state the memory. A message that stated it again is erased with it. */
const saysOfItself = ({ applied, originalText }: TurnFacts, id: string, word: RegExp): boolean =>
  applied
    ? applied.messages.some(
        ({ content }, position) =>
          word.test(content) && !Object.hasOwn(applied.drawn?.[String(position)] ?? {}, id),
      )
    : word.test(originalText);

/** No item contains the text of a memory that was deleted on request, unless an unrelated turn or memory has the same text. */
const checkErased = (service: SimulatedService): void => {
  const rows = [...service.table.rows()].map(({ key, item }) => [
    formatKey(key),
    JSON.stringify(item),
  ]);
  const kept = itemsOf(service, 'MEMORY').filter(({ state }) => state !== 'deleted');
  const turns = [...service.history.turns.values()];
  const isStatedElsewhere = (facts: MemoryFacts, word: RegExp): boolean =>
    kept.some(({ text }) => word.test(text)) ||
    turns.some(
      (turn) =>
        !latestOf(facts).memory.lineage.includes(turn.turn.id) &&
        saysOfItself(turn, facts.id, word),
    );
  for (const facts of service.history.memories.values()) {
    if (facts.deletedBy !== 'request' || mayRemain(facts, kept)) continue;
    const erasedValues = valuesOf(facts).filter((word) => !isStatedElsewhere(facts, word));
    const offending = rows.filter(([, text = '']) => erasedValues.some((word) => word.test(text)));
    for (const [place] of offending)
      service.report(`${place} still contains text of memory ${facts.id}`);
  }
};

/** Ids of the messages of a turn that stated the memory when it was applied. */
const statingMessages = ({ history }: SimulatedService, turn: string, memory: string): string[] =>
  Object.entries(history.turns.get(turn)?.applied?.drawn ?? {}).flatMap(([position, stated]) =>
    Object.hasOwn(stated, memory) ? [messageId(turn, Number(position))] : [],
  );

/** No memory stays once all the messages that it was drawn from were deleted. */
const checkSources = (service: SimulatedService): void => {
  for (const { id, state, lineage, supersededBy } of itemsOf(service, 'MEMORY')) {
    const messages = lineage.map((turn) => statingMessages(service, turn, supersededBy ?? id));
    const isLeft = (one: string): boolean => !service.history.deletedMessages.has(one);
    if (state === 'deleted' || messages.some((all) => all.length === 0)) continue;
    if (!messages.flat().some(isLeft)) service.report(`memory ${id} stays without its messages`);
  }
};

/** Messages that said the text of a memory, or of a closed version, when their turns were applied. */
const sayingMessages = (service: SimulatedService, memory: Memory): string[] => {
  const id = memory.supersededBy ?? memory.id;
  return [...service.history.turns].flatMap(([turn, { applied }]) =>
    Object.entries(applied?.drawn ?? {}).flatMap(([position, stated]) =>
      stated[id] === memory.textVersion ? [messageId(turn, Number(position))] : [],
    ),
  );
};

/** No text of a memory or a version stays once all the messages that said this text were deleted. */
const checkTexts = (service: SimulatedService): void => {
  const { deletedMessages } = service.history;
  for (const memory of itemsOf(service, 'MEMORY')) {
    if (memory.state === 'deleted') continue;
    const saying = sayingMessages(service, memory);
    if (saying.length > 0 && saying.every((message) => deletedMessages.has(message)))
      service.report(`memory ${memory.id} keeps a text whose messages were deleted`);
  }
};

/** Each topic has at most one memory, even if several clients mention it. */
const checkDuplicates = (service: SimulatedService, views: readonly MemoryView[]): void => {
  const topics = views.flatMap(({ text }) => factsIn(text).slice(0, 1)).map(({ topic }) => topic);
  const duplicated = new Set(topics.filter((topic, index) => topics.indexOf(topic) !== index));
  for (const topic of duplicated) service.report(`two memories are about ${topic} at the end`);
};

const checkTopics = (
  service: SimulatedService,
  { log }: Client,
  views: readonly MemoryView[],
): void => {
  for (const topic of log.topics()) {
    const expected = log.expected(topic, service.history);
    if (!expected) continue;
    const texts = views.filter(({ text }) => text.startsWith(`${topic}=`)).map(({ text }) => text);
    const wanted = expected.text === undefined ? [] : [expected.text];
    if (texts.join() !== wanted.join())
      service.report(`${topic} reads [${texts}] instead of [${wanted}] at the end`);
  }
};

/** Whether each client alone determines the values of its topics. */
const isDeterminate = ({ scenario, history }: SimulatedService): boolean =>
  !scenario.shared && !history.cutoffs.some(({ match }) => match.run);

/**
 * Proves convergence: once faults have stopped and no item is due, no work, lease or staged memory is left over, listings
 * and index agree with the table, erased texts are gone, and each client reads its last writes.
 */
export const checkEnd = (
  service: SimulatedService,
  clients: readonly Client[],
  views: readonly MemoryView[],
): void => {
  checkNoWorkLeft(service);
  checkTurns(service);
  checkListedTurns(service);
  checkMemories(service);
  checkIndex(service);
  checkErased(service);
  checkSources(service);
  checkTexts(service);
  checkNotifications(service);
  checkDuplicates(
    service,
    views.filter(({ rough }) => !rough),
  );
  if (isDeterminate(service)) for (const client of clients) checkTopics(service, client, views);
};
