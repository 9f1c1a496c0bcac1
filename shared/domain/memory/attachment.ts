import { bytesDigest } from '../digest.ts';
import type { Attachment, Message, Turn } from './turn.ts';

type AttachmentStatus = 'pending' | NonNullable<Attachment['status']>;

/** An attachment of an add request, with the bytes if they came with it. */
export type NewAttachment = Attachment & { bytes?: Uint8Array };

/** A message of an add request. */
export type NewMessage = Omit<Message, 'attachments'> & {
  attachments?: NewAttachment[];
  /** Of the first message: sentences about the parts of the request of which nothing is remembered. */
  skipped?: string[];
};

/** Outcome of one attachment, as an event shows it. `part` counts the attachments of the turn from 0. */
export interface AttachmentOutcome {
  part: number;
  type: string;
  status: AttachmentStatus;
  reason?: string;
}

/** An attachment with its place in the turn. */
export interface PlacedAttachment {
  /** Position of its message. */
  message: number;
  /** Position in its message. */
  index: number;
  attachment: Attachment;
}

export const attachmentsOf = ({ messages }: { messages: readonly Message[] }): PlacedAttachment[] =>
  messages.flatMap(({ attachments = [] }, message) =>
    attachments.map((attachment, index) => ({ message, index, attachment })),
  );

/** Whether links have to be fetched, or files read, before the turn is decided; descriptions of images follow with the decision. */
export const hasUnread = (turn: Pick<Turn, 'messages' | 'options'>): boolean =>
  turn.options.infer &&
  attachmentsOf(turn).some(
    ({ attachment: { status, awaitsModel } }) => status === undefined && !awaitsModel,
  );

/** The turn with another attachment at a place. */
export const withAttachment = (
  turn: Turn,
  { message, index }: Omit<PlacedAttachment, 'attachment'>,
  attachment: Attachment,
): Turn => ({
  ...turn,
  messages: turn.messages.map((one, position) =>
    position === message
      ? { ...one, attachments: (one.attachments ?? []).with(index, attachment) }
      : one,
  ),
});

/** The turn with attachments unread again that failed for a reason which may have passed; undefined when there are none. */
export const withRetriedAttachments = (turn: Turn): Turn | undefined => {
  const failed = attachmentsOf(turn).filter(({ attachment }) => attachment.retryable);
  if (failed.length === 0) return undefined;
  return failed.reduce((retried, place) => {
    const { status: _, reason: __, retryable: ___, ...unread } = place.attachment;
    return withAttachment(retried, place, unread);
  }, turn);
};

/**
 * Returns why a turn that is only files has nothing to decide, where that is transient: none was read, and one of them failed for a reason
 * that may have passed by a retry. Undefined for any other turn.
 */
export const transientFailure = (turn: Pick<Turn, 'messages' | 'options'>): string | undefined => {
  const isSaid = turn.messages.some(({ content }) => content.trim() !== '');
  const files = attachmentsOf(turn).map(({ attachment }) => attachment);
  const isOpen = files.some(({ status }) => status === undefined || status === 'read');
  if (!turn.options.infer || isSaid || isOpen) return undefined;
  return files.find(({ retryable }) => retryable)?.reason;
};

const unreadVerbatim =
  'Texts that are stored word for word (infer: false) have no attachments read.';

/** Returns the outcomes of the attachments of a turn, for the event; undefined for a turn without attachments. */
export const outcomesOf = ({
  messages,
  options,
}: Pick<Turn, 'messages' | 'options'>): AttachmentOutcome[] | undefined => {
  const outcomes = attachmentsOf({ messages }).map(({ attachment }, part): AttachmentOutcome => {
    const { type, status = 'pending', reason } = attachment;
    return options.infer
      ? { part, type, status, ...(reason === undefined ? {} : { reason }) }
      : { part, type, status: 'kept', reason: unreadVerbatim };
  });
  return outcomes.length > 0 ? outcomes : undefined;
};

/**
 * Separates the bytes, and the sentences about skipped parts, from the messages of an add request. The digest of the bytes is left in
 * each attachment.
 */
export const separateFiles = (
  messages: readonly NewMessage[],
): { messages: Message[]; files: Map<string, Uint8Array>; skipped: string[] } => {
  const files = new Map<string, Uint8Array>();
  const stored = ({ bytes, ...attachment }: NewAttachment): Attachment => {
    if (!bytes) return attachment;
    const digest = bytesDigest(bytes);
    files.set(digest, bytes);
    return { ...attachment, digest };
  };
  return {
    skipped: messages.flatMap(({ skipped = [] }) => skipped),
    messages: messages.map(({ attachments, skipped: _, ...message }) => ({
      ...message,
      ...(attachments ? { attachments: attachments.map(stored) } : {}),
    })),
    files,
  };
};

/** Digests of the bytes that belong to messages which the turn still has. */
export const digestsOf = (turn: Pick<Turn, 'messages'>): Set<string> =>
  new Set(
    attachmentsOf(turn).flatMap(({ attachment: { digest, text } }) =>
      [digest, text].filter((one) => one !== undefined),
    ),
  );

/** Digests of bytes that were stored for the turn and belong to no message that it still has. */
export const lostDigests = (
  turn: Pick<Turn, 'messages' | 'blobs' | 'state' | 'erased'>,
): string[] => {
  const { blobs = [], state, erased } = turn;
  if (state === 'cancelled' || erased) return blobs;
  const present = digestsOf(turn);
  return blobs.filter((digest) => !present.has(digest));
};
