import { mapConcurrent } from '../../domain/map-concurrent.ts';
import { closedVersionId } from '../../domain/memory/derived-ids.ts';
import type { Memory, Revision } from '../../domain/memory/memory.ts';
import type { Turn } from '../../domain/memory/turn.ts';
import { memoryKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { revisionsOf } from '../memories/read-memories.ts';
import { type SpokenMessage, statedBy } from '../retrieval/messages.ts';
import { readTurns } from '../retrieval/recent.ts';
import { restatementsOf } from './erase-restatements.ts';
import type { ReplacedText, Restoration } from './restore-text.ts';

/** Memories and versions that go with a message, and what keeps the others. */
export interface DrawnFromMessage {
  /** Memories, live or taken back, of which no other message is left that they, or their texts, were drawn from. */
  memories: Memory[];
  /** Closed versions of memories that stay, of which no other message is left that they were drawn from. */
  versions: Memory[];
  /** Memories that stay and have a text that the message alone said, with the text that they had before. */
  restorations: Restoration[];
  /** Texts that the message alone said and that edits replaced. */
  replaced: ReplacedText[];
  /** Memories that the message states and that stay, as they were read. */
  kept: Memory[];
  /** Other turns of which a message is left, one for each memory and version that stays. */
  otherSources: Turn[];
}

/** Text of a memory, or of a version of it, with the turns that it was drawn from. */
interface Drawn {
  of: Memory;
  /** Id of the memory, also for a version. */
  memory: string;
  /** Only messages that said this text count; absent: all that state the memory, with any text. */
  textVersion?: number;
}

/** Whether a message of the turn states the memory, other than that at the position. Erased messages state nothing. */
const states = (
  { drawn = {}, erased }: Turn,
  { memory, textVersion }: Drawn,
  except?: number,
): boolean =>
  !erased &&
  Object.entries(drawn).some(
    ([position, stated]) =>
      Number(position) !== except &&
      Object.hasOwn(stated, memory) &&
      (textVersion === undefined || stated[memory] === textVersion),
  );

/** Revisions of a memory, and its closed versions: one for each revision by which a turn replaced the text. */
interface History {
  revisions: Revision[];
  versions: Memory[];
}

const historyOf = async (platform: Platform, memory: Memory): Promise<History> => {
  const { project, id, version } = memory;
  if (version === 1) return { revisions: [], versions: [] };
  const revisions = await revisionsOf(platform, project, id);
  const keys = revisions
    .filter(({ type, turn }) => type === 'UPDATE' && turn !== undefined)
    .map((one) => memoryKey(project, closedVersionId(id, one.version - 1)));
  const found = await platform.store.getMany(keys);
  return { revisions, versions: found.flatMap((one) => (one?.state === 'closed' ? [one] : [])) };
};

/**
 * Finds for each text a source, other than the message, whose message still states the memory: the message's own turn, or another
 * one. The newest sources are read first, for each text no more than it takes.
 */
const findSources = async (
  platform: Platform,
  { turn, position }: SpokenMessage,
  texts: readonly Drawn[],
): Promise<Map<Drawn, Turn>> => {
  const found = new Map<Drawn, Turn>();
  const turns = new Map<string, Turn>();
  const note = (text: Drawn, source: Turn | undefined, except?: number): void => {
    if (source && states(source, text, except)) found.set(text, source);
  };
  for (const text of texts) note(text, turn, position);
  let open = texts.filter((text) => !found.has(text));
  for (let back = 1; open.length > 0; back++) {
    const next = ({ of }: Drawn): string => of.lineage.at(-back) ?? turn.id;
    const ids = new Set(open.map(next).filter((id) => id !== turn.id && !turns.has(id)));
    for (const one of await readTurns(platform, turn.project, [...ids])) turns.set(one.id, one);
    for (const text of open) note(text, turns.get(next(text)));
    open = open.filter((text) => !found.has(text) && text.of.lineage.length > back);
  }
  return found;
};

/** A turn of which a message, other than the deleted one, said the text of the memory once more. */
const findRestatement = async (
  platform: Platform,
  { turn: { id, project }, position }: SpokenMessage,
  text: Drawn,
): Promise<Turn | undefined> => {
  const restated = await restatementsOf(platform, project, text.memory);
  const turns = await readTurns(platform, project, [...new Set(restated.map(({ turn }) => turn))]);
  return turns.find((turn) => states(turn, text, turn.id === id ? position : undefined));
};

/** Returns the texts of memories that stay which the message alone said, and the turns by which the other texts stay. */
const findLostTexts = async (
  platform: Platform,
  message: SpokenMessage,
  kept: readonly Drawn[],
): Promise<{ lost: Drawn[]; keepers: Turn[] }> => {
  const stated = new Map(statedBy(message));
  const texts = kept.flatMap((text): Drawn[] => {
    const textVersion = stated.get(text.memory);
    return textVersion === undefined ? [] : [{ ...text, textVersion }];
  });
  const sources = await findSources(platform, message, texts);
  const open = texts.filter((text) => !sources.has(text));
  const again = await mapConcurrent(open, (text) => findRestatement(platform, message, text));
  return {
    lost: open.filter((_, index) => !again[index]),
    keepers: [...sources.values(), ...again.flatMap((turn) => turn ?? [])],
  };
};

/** Returns what happens to the memory of a lost text; nothing if the text is that of a closed version. */
const afterLoss = (
  { of: memory, textVersion = 0 }: Drawn,
  { revisions, versions }: History,
): Partial<Pick<DrawnFromMessage, 'memories' | 'restorations' | 'replaced'>> => {
  if (memory.textVersion === textVersion) {
    const [version] = versions
      .filter((one) => one.textVersion < textVersion)
      .toSorted((a, b) => b.textVersion - a.textVersion);
    return memory.state === 'live' && version
      ? { restorations: [{ memory, version }] }
      : { memories: [memory] };
  }
  const written = revisions.find(({ version }) => version === textVersion);
  const next = revisions.find(({ version }) => version > textVersion);
  const isEdited = next !== undefined && next.turn === undefined;
  return written?.newText !== undefined && isEdited
    ? { replaced: [{ memory, last: next.version - 1 }] }
    : {};
};

/**
 * Finds what was drawn from a message alone: of the messages that its sources still have, no other one states it. Messages that
 * state a memory once more, of turns that are not among its sources, do not count, but keep the text. A source whose text has expired
 * counts as erased.
 */
export const drawnFromMessage = async (
  platform: Platform,
  message: SpokenMessage,
): Promise<DrawnFromMessage> => {
  const { turn } = message;
  const isDrawn = ({ lineage }: Memory): boolean => lineage.includes(turn.id);
  const keys = statedBy(message).map(([id]) => memoryKey(turn.project, id));
  const stated = (await platform.store.getMany(keys)).flatMap((memory): Drawn[] =>
    memory && memory.state !== 'deleted' ? [{ of: memory, memory: memory.id }] : [],
  );
  const own = stated.filter(({ of }) => isDrawn(of));
  const sources = await findSources(platform, message, own);
  const kept = stated.filter((text) => !isDrawn(text.of) || sources.has(text));
  const { lost, keepers } = await findLostTexts(platform, message, kept);
  const isLost = ({ of, memory }: Drawn): boolean =>
    lost.some((text) => text.memory === memory && text.textVersion === of.textVersion);
  const concerned = [...new Map([...sources.keys(), ...lost].map((text) => [text.memory, text]))];
  const histories = new Map(
    await mapConcurrent(
      concerned,
      async ([id, { of }]) => [id, await historyOf(platform, of)] as const,
    ),
  );
  const former = [...histories].flatMap(([memory, { versions }]) =>
    versions.map((of): Drawn => ({ of, memory })),
  );
  const ownFormer = former.filter(({ of }) => isDrawn(of));
  const sourcesOfFormer = await findSources(platform, message, ownFormer);
  const all = lost.map((text) =>
    afterLoss(text, histories.get(text.memory) ?? { revisions: [], versions: [] }),
  );
  const others = new Set([...sources.values(), ...sourcesOfFormer.values(), ...keepers]);
  const gone = [
    ...own.filter((text) => !sources.has(text)).map(({ of }) => of),
    ...all.flatMap(({ memories = [] }) => memories),
  ];
  return {
    memories: gone,
    versions: former
      .filter((text) => isLost(text) || (isDrawn(text.of) && !sourcesOfFormer.has(text)))
      .map(({ of }) => of),
    restorations: all.flatMap(({ restorations = [] }) => restorations),
    replaced: all.flatMap(({ replaced = [] }) => replaced),
    kept: kept.map(({ of }) => of).filter((memory) => !gone.includes(memory)),
    otherSources: [
      ...new Map(
        [...others].filter(({ id }) => id !== turn.id).map((one) => [one.id, one]),
      ).values(),
    ],
  };
};
