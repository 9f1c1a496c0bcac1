import { mapConcurrent } from '../../domain/map-concurrent.ts';
import type { Memory } from '../../domain/memory/memory.ts';
import type { Restatement } from '../../domain/table/items.ts';
import { memoryKey, restatementKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { commitTogether } from '../commit-together.ts';
import { everyPage } from '../pagination.ts';
import { remove } from '../steps.ts';
import { eraseMessages } from './erase-messages.ts';
import { eraseFromChanges } from './erase-turn.ts';

/** Turns read and erased at once; each may be large. */
const turnsPerRead = 64;

/** A message that stated a memory once more. */
export type Restated = Restatement & { memory: string };

/** Reads the messages that stated a memory once more, strongly consistent. */
export const restatementsOf = async (
  { store }: Platform,
  project: string,
  memory: string,
): Promise<Restated[]> => {
  const { pk } = memoryKey(project, memory);
  const items = await everyPage((from) =>
    store.query({ kind: 'RESTATED', pk, prefix: 'RESTATED#', ...from }),
  );
  return items.map(({ item }) => ({ ...item, memory }));
};

/** Erases what the changes of the turns' events say about the memories, and their reasons, which may quote the messages. */
const eraseQuotes = (
  platform: Platform,
  project: string,
  restated: readonly Restated[],
): Promise<void> => {
  const byEvent = Map.groupBy(restated, ({ event }) => event);
  const events = [...byEvent].map(([event, all]) => ({
    event,
    memories: new Set(all.map(({ memory }) => memory)),
    reasons: true,
  }));
  return eraseFromChanges(platform, project, events);
};

const forget = async (
  platform: Platform,
  project: string,
  restated: readonly Restated[],
): Promise<void> => {
  await commitTogether(
    platform,
    restated.map((one) => ({
      subject: one,
      steps: [remove(restatementKey(project, one.memory, one))],
      bytes: 0,
    })),
  );
};

/**
 * Erases the messages of later turns that stated deleted memories once more, with what the events of these turns quote. Reads only
 * the restatements of the memories and their turns. Safe to repeat: a restatement is removed once its message has no words.
 * @returns ids of the turns, whose messages are to be removed from the index
 */
export const eraseRestatements = async (
  platform: Platform,
  project: string,
  memories: readonly Pick<Memory, 'id'>[],
): Promise<string[]> => {
  const found = await mapConcurrent(memories, ({ id }) => restatementsOf(platform, project, id));
  const byTurn = [...Map.groupBy(found.flat(), ({ turn }) => turn)];
  for (let at = 0; at < byTurn.length; at += turnsPerRead) {
    const some = byTurn.slice(at, at + turnsPerRead);
    const restated = some.flatMap(([, all]) => all);
    const positions = some.map(
      ([turn, all]) => [turn, new Set(all.map(({ position }) => position))] as const,
    );
    await eraseMessages(platform, project, new Map(positions));
    await eraseQuotes(platform, project, restated);
    await forget(platform, project, restated);
  }
  return byTurn.map(([turn]) => turn);
};
