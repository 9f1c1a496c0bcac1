import { messageId } from '../../domain/memory/derived-ids.ts';
import type { Memory, MemoryView } from '../../domain/memory/memory.ts';
import {
  type Message,
  messageText,
  saidAtOf,
  spokenMessages,
  type Turn,
} from '../../domain/memory/turn.ts';
import { vectorId } from '../../domain/memory/vector-id.ts';

/** Ids of memories that a message stated when its turn was refined, with their `textVersion` at that time. */
type Stated = readonly (readonly [memory: string, textVersion: number])[];

/** Message of a turn, with its position. */
export interface SpokenMessage {
  turn: Turn;
  position: number;
  message: Message;
  /** Result of `statedBy`, if it is known: each search needs it several times. */
  stated?: Stated;
}

/** Whether a reader sees the turn itself. */
export const isRough = ({ state, erased }: Turn): boolean =>
  (state === 'pending' || state === 'failed') && !erased;

/**
 * Whether the memories of a refined turn are its messages, word for word: then the messages are neither indexed nor results
 * beside them.
 */
export const isKeptVerbatim = ({ state, options }: Turn): boolean =>
  state === 'applied' && !options.infer && options.verbatim === undefined;

/** Messages of a turn that have a text. */
export const messagesOf = (turn: Turn): SpokenMessage[] =>
  spokenMessages(turn).map((spoken) => ({ turn, ...spoken }));

/** The message at a position, if it has a text. */
export const messageAt = (turn: Turn, position: number): SpokenMessage | undefined => {
  const message = turn.messages[position];
  if (!message || messageText(message).trim() === '') return undefined;
  // Only whether a system message counts depends on the others.
  return message.role === 'system'
    ? messagesOf(turn).find((spoken) => spoken.position === position)
    : { turn, position, message };
};

/** Id of the index entry of a message. A correction of the turn makes other entries. */
export const messageEntryId = ({ turn, position }: Pick<SpokenMessage, 'turn' | 'position'>) =>
  vectorId(messageId(turn.id, position), (turn.revision ?? 0) + 1);

/** Returns the memories that a message stated when its turn was refined. */
export const statedBy = ({
  turn,
  position,
  stated,
}: Pick<SpokenMessage, 'turn' | 'position' | 'stated'>): Stated =>
  stated ?? Object.entries(turn.drawn?.[String(position)] ?? {});

/**
 * Whether a memory that the message states was erased, so that no reader sees the message any more.
 * @param memoryOf the memory of an id as read after the turn; undefined when it was erased
 */
export const statesErased = (
  message: SpokenMessage,
  memoryOf: (id: string) => Memory | undefined,
): boolean => statedBy(message).some(([id]) => (memoryOf(id)?.state ?? 'deleted') === 'deleted');

/** How a message of an applied turn may appear: as a result of its own, only as the source of a memory, or not at all. */
export type Appearance = 'result' | 'source' | 'hidden';

/**
 * Returns how a message may appear. A message is a result of its own as long as every memory drawn from the message is as it was
 * drawn. After a memory was superseded, taken back or edited, the message is only the source of the others, and hidden when there
 * are none; after a memory was erased, the message is hidden.
 * @param memoryOf the memory of an id as read after the turn; undefined when it was erased
 */
export const appearanceOf = (
  message: SpokenMessage,
  memoryOf: (id: string) => Memory | undefined,
): Appearance => {
  if (statesErased(message, memoryOf)) return 'hidden';
  const stated = statedBy(message).map(([id, version]) => ({ memory: memoryOf(id), version }));
  const current = stated.filter(
    ({ memory, version }) => memory?.state === 'live' && memory.textVersion === version,
  );
  if (current.length === stated.length) return 'result';
  return current.length > 0 ? 'source' : 'hidden';
};

/** View of a message of a refined turn. */
export const messageView = ({ turn, position, message }: SpokenMessage): MemoryView => ({
  id: messageId(turn.id, position),
  text: messageText(message),
  rough: false,
  message: {
    role: message.role,
    ...(message.name === undefined ? {} : { name: message.name }),
    ...(message.time === undefined ? {} : { time: message.time }),
  },
  entities: turn.entities,
  attributedTo: message.role,
  metadata: turn.metadata,
  categories: [],
  createdAt: saidAtOf(turn, message),
  updatedAt: turn.createdAt,
  observedAt: saidAtOf(turn, message),
  ...(turn.options.expiresOn === undefined ? {} : { expiresOn: turn.options.expiresOn }),
  immutable: true,
  lineage: [turn.id],
  version: (turn.revision ?? 0) + 1,
  validFrom: saidAtOf(turn, message),
});
