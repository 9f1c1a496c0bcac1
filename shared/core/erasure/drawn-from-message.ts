import { mapConcurrent } from '../../domain/map-concurrent.ts';
import { closedVersionId } from '../../domain/memory/derived-ids.ts';
import type { Memory } from '../../domain/memory/memory.ts';
import type { Turn } from '../../domain/memory/turn.ts';
import { memoryKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { revisionsOf } from '../memories/read-memories.ts';
import { type SpokenMessage, statedBy } from '../retrieval/messages.ts';
import { readTurns } from '../retrieval/recent.ts';

/** Memories and versions that go with a message, and what keeps the others. */
export interface DrawnFromMessage {
  /** Memories, live or taken back, of which no other message is left that they were drawn from. */
  memories: Memory[];
  /** Closed versions of memories that stay, of which no other message is left that they were drawn from. */
  versions: Memory[];
  /** Other turns of which a message is left, one for each memory and version that stays. */
  otherSources: Turn[];
}

/** Whether a message of the turn states the memory, other than that at the position. Erased messages state nothing. */
const states = ({ drawn = {}, erased }: Turn, memory: string, except?: number): boolean =>
  !erased &&
  Object.entries(drawn).some(
    ([position, stated]) => Number(position) !== except && Object.hasOwn(stated, memory),
  );

/** Closed versions of a memory: one for each revision by which a turn replaced the text. */
const versionsOf = async (platform: Platform, memory: Memory): Promise<Memory[]> => {
  const { project, id, version } = memory;
  if (version === 1) return [];
  const replaced = (await revisionsOf(platform, project, id)).filter(
    ({ type, turn }) => type === 'UPDATE' && turn !== undefined,
  );
  const keys = replaced.map((one) => memoryKey(project, closedVersionId(id, one.version - 1)));
  const found = await platform.store.getMany(keys);
  return found.flatMap((one) => (one?.state === 'closed' ? [one] : []));
};

/** Text of a memory, or of a version of it, with the turns that it was drawn from. */
interface Drawn {
  of: Memory;
  /** Id of the memory, also for a version. */
  memory: string;
}

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
    if (source && states(source, text.memory, except)) found.set(text, source);
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

/**
 * Finds what was drawn from a message alone: of the messages that its sources still have, no other one states it. Messages that
 * state a memory once more, of turns that are not among its sources, do not count. A source whose text has expired counts as erased.
 */
export const drawnFromMessage = async (
  platform: Platform,
  message: SpokenMessage,
): Promise<DrawnFromMessage> => {
  const { turn } = message;
  const isDrawn = ({ lineage }: Memory): boolean => lineage.includes(turn.id);
  const keys = statedBy(message).map(([id]) => memoryKey(turn.project, id));
  const stated = (await platform.store.getMany(keys)).flatMap((memory): Drawn[] =>
    memory && memory.state !== 'deleted' && isDrawn(memory)
      ? [{ of: memory, memory: memory.id }]
      : [],
  );
  const sources = await findSources(platform, message, stated);
  const versions = await mapConcurrent([...sources.keys()], async ({ of, memory }) =>
    (await versionsOf(platform, of))
      .filter(isDrawn)
      .map((version): Drawn => ({ of: version, memory })),
  );
  const former = versions.flat();
  const sourcesOfFormer = await findSources(platform, message, former);
  const kept = new Set([...sources.values(), ...sourcesOfFormer.values()]);
  kept.delete(turn);
  return {
    memories: stated.filter((text) => !sources.has(text)).map(({ of }) => of),
    versions: former.filter((text) => !sourcesOfFormer.has(text)).map(({ of }) => of),
    otherSources: [...new Map([...kept].map((one) => [one.id, one])).values()],
  };
};
