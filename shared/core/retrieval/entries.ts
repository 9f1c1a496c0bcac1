import type { Filter } from '../../domain/memory/filter.ts';
import { stepMatcherOf } from '../../domain/memory/filter-matcher.ts';
import type { Memory, MemoryView } from '../../domain/memory/memory.ts';
import { vectorId } from '../../domain/memory/vector-id.ts';
import type { Pace } from '../yield-to-loop.ts';
import { type Candidate, memoryCandidate, messageCandidate } from './candidate.ts';
import type { WantedMessages } from './gather-candidates.ts';
import type { VisibleItems } from './hydrate.ts';
import {
  messageEntryId,
  messagesOf,
  messageView,
  type SpokenMessage,
  statedBy,
} from './messages.ts';
import { roughView, viewOf } from './view.ts';

/** A memory or a message that matches the filter, with its view, its features, and the id of the index entry of the version read. */
export type Entry = { view: MemoryView; candidate: Candidate; indexId: string } & (
  | { of: 'memory'; memory: Memory }
  /**
   * A message of a refined turn. With `isOnlySource` the message is no result of its own. With `isOutdated` a memory drawn from it was
   * superseded, taken back or edited, so its words say nothing for the others.
   */
  | { of: 'message'; message: SpokenMessage; isOnlySource: boolean; isOutdated: boolean }
  /** A message of a turn that is not refined yet. The view is that of the whole turn. */
  | { of: 'rough'; message: SpokenMessage }
);

/** Every visible item as an entry, one by one, since the features of many take long. */
function* entriesOf(
  { memories, messages, rough }: VisibleItems,
  wanted: WantedMessages,
): Generator<Entry> {
  /** Positions of the messages that state a memory, by turn and memory. */
  const positions = new Map<string, Map<string, number>>();
  for (const message of messages) {
    const { turn, position } = message;
    const ofTurn = positions.get(turn.id) ?? new Map<string, number>();
    for (const [id] of statedBy(message)) positions.set(turn.id, ofTurn.set(id, position));
  }
  for (const memory of memories)
    yield {
      of: 'memory',
      memory,
      indexId: vectorId(memory.id, memory.version),
      view: viewOf(memory),
      candidate: memoryCandidate(
        memory,
        positions.get(memory.lineage.at(-1) ?? '')?.get(memory.id),
      ),
    };
  for (const message of messages)
    yield {
      of: 'message',
      message,
      indexId: messageEntryId(message),
      isOnlySource: message.appearance === 'source',
      isOutdated: message.appearance === 'source',
      view: messageView(message),
      candidate: messageCandidate(message),
    };
  for (const turn of wanted === 'none' ? [] : rough) {
    const view = roughView(turn);
    for (const message of messagesOf(turn))
      yield {
        of: 'rough',
        message,
        indexId: messageEntryId(message),
        view,
        candidate: messageCandidate(message),
      };
  }
}

/** Returns the entries that match the filter. Pauses for the event loop. */
export const filterEntries = async (
  visible: VisibleItems,
  filter: Filter,
  messages: WantedMessages,
  pace: Pace,
): Promise<Entry[]> => {
  const matching: Entry[] = [];
  const matches = stepMatcherOf(filter);
  // The messages of a rough turn share one view.
  let last: MemoryView | undefined;
  let isMatch = false;
  for (const entry of entriesOf(visible, messages)) {
    if (pace.isDue()) await pace.rest();
    if (entry.view !== last) isMatch = await pace.run(matches(entry.view));
    last = entry.view;
    if (isMatch) matching.push(entry);
  }
  return matching;
};
