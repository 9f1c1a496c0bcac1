import { mapConcurrent } from '../../domain/map-concurrent.ts';
import type { WrittenMemory } from '../../domain/memory/event.ts';
import type { Filter } from '../../domain/memory/filter.ts';
import type { Memory, MemoryView } from '../../domain/memory/memory.ts';
import { type Replacement, replacer } from '../../domain/memory/replacement.ts';
import type { Turn } from '../../domain/memory/turn.ts';
import type { Item } from '../../domain/table/items.ts';
import { idempotencyKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { changeEvent, replacementEvent } from '../change-events.ts';
import { commit } from '../commit.ts';
import { idempotencyEventIs, requestIsNew } from '../conditions.ts';
import { type IdempotencyRecord, idempotencyWrite, toIdempotencyRecord } from '../idempotency.ts';
import { listMemories } from '../retrieval/list.ts';
import { jsonBytes } from '../store-limits.ts';
import { createPace } from '../yield-to-loop.ts';
import { type MemoryEdit, reviseTurn } from './correct-turn.ts';
import { findVisible } from './find-by-id.ts';
import { editableOf, editMemory } from './update-memory.ts';

export interface ReplaceRequest {
  /** Owner of the memories. */
  owner: { kind: 'user' | 'agent'; id: string };
  replacement: Replacement;
  idempotencyKey?: string;
  /** Time in which an equal request without a key is a repeat, ms. */
  repeatWindowMs: number;
}

export type ReplaceResult =
  | { outcome: 'replaced' | 'replayed'; event: string; remaining: number }
  | { outcome: 'key_reused' };

type Replace = (text: string) => string;

/** Memories that one request changes. */
const maxMemories = 1_000;
/** Rounds of listing what matches and changing it: other writers may be first, and turns may become memories with the old text. */
const maxRounds = 5;
/** Bytes of a text, and of the messages of a turn, after the replacement. Beyond these the text stays. */
const maxTextBytes = 64_000;
const maxTurnBytes = 262_144;

const wordsOf = (text: string): string[] => text.toLowerCase().split(/[^\p{L}\p{N}]+/u);

/** The tags without those that have a word which the text has lost: tags are in lower case. */
const tagsAfter = (tags: readonly string[], text: string, replace: Replace): string[] => {
  const left = new Set(wordsOf(replace(text)));
  const lost = new Set(wordsOf(text).filter((word) => !left.has(word)));
  return tags.filter((tag) => replace(tag) === tag && !wordsOf(tag).some((word) => lost.has(word)));
};

const editOf = ({ text, title, reasoning, tags }: Memory, replace: Replace): MemoryEdit => ({
  text: replace(text),
  ...(title === undefined ? {} : { title: replace(title) }),
  ...(reasoning === undefined ? {} : { reasoning: replace(reasoning) }),
  ...(tags === undefined ? {} : { tags: tagsAfter(tags, text, replace) }),
});

const reviseMessages = async (
  platform: Platform,
  turn: Turn,
  replace: Replace,
): Promise<WrittenMemory | undefined> => {
  const { project, id, entities } = turn;
  const messages = turn.messages.map((message) => ({
    ...message,
    content: replace(message.content),
  }));
  if (jsonBytes(messages) > maxTurnBytes) return undefined;
  const event = changeEvent(platform, project, 'UPDATE', [{ id, entities }], { turn: id });
  const revised = await reviseTurn(platform, turn, { messages }, [event]);
  return revised && { memory: id };
};

const rewrite = async (
  platform: Platform,
  memory: Memory,
  replace: Replace,
): Promise<WrittenMemory | undefined> => {
  const { id, kind } = memory;
  const edited = await editMemory(platform, memory, editOf(memory, replace), []);
  return edited && { memory: id, ...(kind && { kind }) };
};

/**
 * Replaces in one memory or turn, in one transaction conditional on what was read. Undefined if it cannot be changed any more, or if
 * another writer was first.
 */
const replaceIn = async (
  platform: Platform,
  project: string,
  id: string,
  replace: Replace,
): Promise<WrittenMemory | undefined> => {
  const found = editableOf(await findVisible(platform, project, id));
  if ('outcome' in found) return undefined;
  const { memory } = found;
  if (!memory) return reviseMessages(platform, found.turn, replace);
  return replace(memory.text) === memory.text ? undefined : rewrite(platform, memory, replace);
};

/** Whether a memory, or a message of a turn that is not refined yet, has the text. */
const isChangedBy = (replace: Replace, { rough, said = [], text }: MemoryView): boolean =>
  (rough ? said.map(({ content }) => content) : [text]).some((one) => replace(one) !== one);

/** Ids of what has the text, oldest first. */
const matching = async (
  platform: Platform,
  project: string,
  { owner, replacement }: ReplaceRequest,
  replace: Replace,
): Promise<string[]> => {
  const filter: Filter = {
    all: [
      { entity: owner.kind, is: owner.id },
      { text: replacement.from, ignoreCase: false },
    ],
  };
  const { memories } = await listMemories(platform, project, {
    filter,
    skip: 0,
    limit: Number.MAX_SAFE_INTEGER,
  });
  const pace = createPace(platform);
  const found: MemoryView[] = [];
  for (const memory of memories) {
    await pace.pause();
    if (!memory.immutable && isChangedBy(replace, memory)) found.push(memory);
  }
  return found.map(({ id }) => id).sort();
};

/** Replaces in everything that matches, round by round. Returns what was changed, and how many were not. */
const replaceAll = async (
  platform: Platform,
  project: string,
  request: ReplaceRequest,
  beforeChanges: (memories: number) => void,
): Promise<{ written: WrittenMemory[]; remaining: number }> => {
  const replaceWords = replacer(request.replacement);
  const replace: Replace = (text) => {
    const replaced = replaceWords(text);
    return Buffer.byteLength(replaced) > maxTextBytes ? text : replaced;
  };
  const written = new Map<string, WrittenMemory>();
  for (let round = 0; ; round++) {
    const ids = await matching(platform, project, request, replace);
    const now = ids.slice(0, maxMemories - written.size);
    if (now.length === 0 || round === maxRounds)
      return { written: [...written.values()], remaining: ids.length };
    beforeChanges(now.length);
    const changed = await mapConcurrent(now, (id) => replaceIn(platform, project, id, replace));
    for (const one of changed) if (one) written.set(one.memory, one);
  }
};

const recordIn = (
  { store }: Platform,
  project: string,
  { hash }: IdempotencyRecord,
): Promise<Item<'IDEM'> | undefined> => store.get(idempotencyKey(project, hash));

/** Writes the event of a replacement with the record of the request. Returns the record of a concurrent request that was first, if any. */
const report = async (
  platform: Platform,
  project: string,
  event: ReturnType<typeof replacementEvent>,
  record: IdempotencyRecord,
  earlier: Item<'IDEM'> | undefined,
): Promise<Item<'IDEM'> | undefined> => {
  const turn = { id: event.id, event: event.id, project, createdAt: event.at };
  for (let known = earlier; ; ) {
    const when = known ? idempotencyEventIs(known.event) : requestIsNew;
    const { committed } = await commit(platform, [
      event.step,
      idempotencyWrite(turn, record, when),
    ]);
    if (committed) return undefined;
    const first = await recordIn(platform, project, record);
    if (first && first.event !== known?.event) return first;
    known = first;
  }
};

/**
 * Replaces a text by another one in the memories of an owner and in turns that are not refined yet, up to 1,000, each in a transaction
 * of its own with an event that reports it. One more event reports all. To repeat the call is safe: after a crash it changes what
 * is left, since a replaced text is not replaced again. Messages of refined turns keep their words. Within the window, or under the same
 * key, a repeat finds the earlier event; without a key it is one only if nothing has the text any more.
 * @param beforeChanges gets the number of memories that are about to change; may refuse them by an error
 * @throws RetryableError when the store cannot be reached
 */
export const replaceText = async (
  platform: Platform,
  project: string,
  request: ReplaceRequest,
  beforeChanges: (memories: number) => void,
): Promise<ReplaceResult> => {
  const { owner } = request;
  const record = toIdempotencyRecord({ ...request, replace: 'text' });
  if (!record) throw new TypeError('A request with a window has a record.');
  const earlier = await recordIn(platform, project, record);
  if (earlier && earlier.request !== record.request) return { outcome: 'key_reused' };
  if (earlier && record.repeats === 'always')
    return { outcome: 'replayed', event: earlier.event, remaining: 0 };

  const { written, remaining } = await replaceAll(platform, project, request, beforeChanges);
  if (earlier && written.length === 0)
    return { outcome: 'replayed', event: earlier.event, remaining };
  const event = replacementEvent(platform, project, { [owner.kind]: owner.id }, written);
  const first = await report(platform, project, event, record, earlier);
  if (!first) return { outcome: 'replaced', event: event.id, remaining };
  return first.request === record.request
    ? { outcome: 'replayed', event: first.event, remaining }
    : { outcome: 'key_reused' };
};
