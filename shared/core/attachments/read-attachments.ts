import { bytesDigest } from '../../domain/digest.ts';
import { toErrorInfo } from '../../domain/errors.ts';
import {
  attachmentsOf,
  hasUnread,
  lostDigests,
  outcomesOf,
  type PlacedAttachment,
  withAttachment,
} from '../../domain/memory/attachment.ts';
import type { Attachment, Turn } from '../../domain/memory/turn.ts';
import { plainText } from '../../domain/plain-text.ts';
import { addRedactions, type RedactionCounts } from '../../domain/sensitive/sensitive.ts';
import { eventKey, turnKey } from '../../domain/table/keys.ts';
import type { ModelFailure, Usage } from '../../ports/language-model.ts';
import type { Platform } from '../../ports/platform.ts';
import { eventIsOpen, turnIsPendingAt } from '../conditions.ts';
import { countTokens } from '../model-budget.ts';
import { redactFile } from '../projects/redaction.ts';
import { commitUnderLease, type Lease, LeaseLost } from '../refine/lease.ts';
import { update } from '../steps.ts';
import { fileText, needsDescription } from './attachment-text.ts';

/** Characters of the attachments of one turn that are read: about 30 pages, which few calls of the model decide. */
const maxAttachedChars = 96_000;
/** Bytes that are fetched for one turn, and the time after which no further link of the turn is fetched, ms. */
const maxFetchedBytes = 20_000_000;
const maxFetchMs = 60_000;
/** Pause before a link that could not be fetched is tried once more. */
const refetchAfterMs = 1_000;
/** Interval between checks whether the turn still is to be read, ms. */
const watchMs = 1_000;

const cut = `Only the first ${maxAttachedChars.toLocaleString('en')} characters of the attachments of an add are read.`;

const tooSlow = `The links before took ${maxFetchMs / 1_000} seconds.`;
const tooMuch = `The links of an add lead to more than ${maxFetchedBytes / 1_000_000} MB.`;

/** The text of an attachment. */
export interface AttachedText {
  /** Number of the attachment in its turn, from 0. */
  part: number;
  /** Position of its message. */
  message: number;
  attachment: Attachment;
  text: string;
}

export type ReadResult =
  | { turn: Turn; texts: AttachedText[]; usage: Usage }
  | { failure: ModelFailure }
  /** The turn was corrected, erased or ended meanwhile. */
  | { changed: true };

/** State of a reading of a turn's attachments, with the turn as it is after each step. */
interface Reading {
  platform: Platform;
  lease: Lease;
  /** Aborts when the lease is lost, the process stops, or the turn ends or is corrected. */
  signal: AbortSignal;
  /** Whether images are described, which takes the language model. */
  describes: boolean;
  turn: Turn;
  /** Characters that may still be read. */
  charsLeft: number;
  /** Bytes that may still be fetched, and until when, ms since 1970. */
  bytesLeft: number;
  fetchUntil: number;
  usage: Usage;
}

const nameOf = ({ project, id: turn }: Turn, digest: string) => ({ project, turn, digest });

/** Returns whether the turn still has bytes that were just written: an erasure before the write did not find them. */
const stillHas = async ({ platform, turn }: Reading, digest: string): Promise<boolean> => {
  const now = await platform.store.get(turnKey(turn.project, turn.id));
  return (
    now !== undefined && (now.blobs ?? []).includes(digest) && !lostDigests(now).includes(digest)
  );
};

/**
 * Records the state of an attachment, on condition that the turn is as it was read, then stores new bytes. The digest is recorded
 * before the bytes, so whatever ends the turn knows what to remove. False when the turn changed.
 * @throws LeaseLost
 */
const record = async (
  reading: Reading,
  place: PlacedAttachment,
  attachment: Attachment,
  stored?: { digest: string; bytes: Uint8Array },
  redacted?: RedactionCounts,
): Promise<boolean> => {
  const { platform, lease, turn, describes } = reading;
  const { project, id, event, revision = 0 } = turn;
  const blobs = [...new Set([...(turn.blobs ?? []), ...(stored ? [stored.digest] : [])])];
  const counts = addRedactions(turn.redacted, redacted);
  const further = { ...(blobs[0] ? { blobs } : {}), ...(counts && { redacted: counts }) };
  const next: Turn = { ...withAttachment(turn, place, attachment), ...further };
  const attachments = outcomesOf(next) ?? [];
  const stage = describes || hasUnread(next) ? 'reading' : 'queued';
  const { committed } = await commitUnderLease(platform, lease, [
    update(
      turnKey(project, id),
      { messages: next.messages, ...further },
      turnIsPendingAt(revision),
    ),
    update(
      eventKey(project, event),
      { stage, attachments, updatedAt: platform.clock.now() },
      eventIsOpen,
    ),
  ]);
  if (!committed) return false;
  reading.turn = next;
  if (!stored) return true;
  await platform.blobs.put(nameOf(turn, stored.digest), stored.bytes);
  if (await stillHas(reading, stored.digest)) return true;
  await platform.blobs.remove([nameOf(turn, stored.digest)]);
  return false;
};

type Failure = Pick<Attachment, 'retryable'> & { reason: string };
type Bytes = { bytes: Uint8Array; attachment: Attachment } | Failure | 'changed';

const fetchTwice = async ({ platform, signal }: Reading, url: string) => {
  const first = await platform.fileFetcher.fetch(url, signal);
  if (first.ok || !first.retryable) return first;
  await platform.clock.sleep(refetchAfterMs, signal);
  return platform.fileFetcher.fetch(url, signal);
};

/**
 * Returns the bytes of an attachment. A link is fetched once: its bytes are stored before anything is read from them, so that a retry
 * reads the same, whatever the link leads to by then.
 */
const bytesOf = async (reading: Reading, place: PlacedAttachment): Promise<Bytes> => {
  const { platform, turn } = reading;
  const { attachment } = place;
  const { digest, url } = attachment;
  const bytes = digest && (await platform.blobs.get(nameOf(turn, digest)));
  if (bytes) return { bytes, attachment };
  if (url.startsWith('data:')) return { reason: 'The file is no longer there.' };
  if (platform.clock.now() >= reading.fetchUntil) return { reason: tooSlow, retryable: true };
  const fetched = await fetchTwice(reading, url);
  if (!fetched.ok)
    return { reason: fetched.reason, ...(fetched.retryable ? { retryable: true } : {}) };
  reading.bytesLeft -= fetched.bytes.byteLength;
  if (reading.bytesLeft < 0) return { reason: tooMuch };
  const stored = { digest: bytesDigest(fetched.bytes), bytes: fetched.bytes };
  const { mediaType } = fetched;
  const known = { ...attachment, digest: stored.digest, ...(mediaType ? { mediaType } : {}) };
  const isRecorded = await record(reading, place, known, stored);
  return isRecorded ? { bytes: fetched.bytes, attachment: known } : 'changed';
};

const add = (reading: Reading, usage: Usage = { prompt: 0, completion: 0 }): void => {
  reading.usage = {
    prompt: reading.usage.prompt + usage.prompt,
    completion: reading.usage.completion + usage.completion,
  };
};

type PartResult = { text?: string } | { failure: ModelFailure } | 'changed';

/** Reads one attachment, and records what became of it with the text that was read. */
const readPart = async (reading: Reading, place: PlacedAttachment): Promise<PartResult> => {
  const { platform, lease, signal, charsLeft, describes } = reading;
  const finish = async (
    attachment: Attachment,
    outcome: Pick<Attachment, 'status' | 'reason' | 'retryable'>,
    text?: string,
    redacted?: RedactionCounts,
  ): Promise<PartResult> => {
    const bytes = text === undefined ? undefined : new TextEncoder().encode(text);
    const stored = bytes && { bytes, digest: bytesDigest(bytes) };
    const { status: _, reason: __, text: ___, awaitsModel: ____, ...rest } = attachment;
    const next = { ...rest, ...outcome, ...(stored ? { text: stored.digest } : {}) };
    const isRecorded = await record(reading, place, next, stored, redacted);
    if (!isRecorded) return 'changed';
    return text === undefined ? {} : { text };
  };
  if (charsLeft <= 0) return finish(place.attachment, { status: 'kept', reason: cut });
  const file = await bytesOf(reading, place);
  if (file === 'changed') return file;
  if ('reason' in file) return finish(place.attachment, { status: 'failed', ...file });
  const { bytes, attachment } = file;
  if (!describes && needsDescription(platform, bytes, attachment))
    return (await record(reading, place, { ...attachment, awaitsModel: true })) ? {} : 'changed';
  const read = await fileText(platform, bytes, attachment, signal);
  add(reading, read.usage);
  if (read.usage) await countTokens(platform, lease.project, read.usage);
  if ('failure' in read) return { failure: read.failure };
  if (read.status !== 'read') {
    const { usage: _, ...outcome } = read;
    return finish(attachment, outcome);
  }
  const isCut = read.text.length > charsLeft;
  const outcome = { status: 'read' as const, ...(isCut ? { reason: cut } : {}) };
  const text = plainText(read.text, charsLeft);
  const safe = await redactFile(platform, lease.project, text);
  return 'reason' in safe
    ? finish(attachment, { status: 'failed', ...safe })
    : finish(attachment, outcome, safe.text, safe.redacted);
};

/** The text that an earlier run read; undefined when the attachment is to be read now. */
const savedText = async (
  { platform, turn, charsLeft, describes }: Reading,
  { status, text, awaitsModel }: Attachment,
): Promise<{ text?: string } | undefined> => {
  if (status === undefined) return awaitsModel && !describes ? {} : undefined;
  if (status !== 'read' || text === undefined) return {};
  const bytes = await platform.blobs.get(nameOf(turn, text));
  // Absent after a crash between the record and the write: the attachment is read again.
  if (!bytes) return undefined;
  const saved = new TextDecoder().decode(bytes);
  // Images before it were described since: the file is read again, up to what they leave.
  return saved.length > charsLeft ? undefined : { text: saved };
};

const readAll = async (reading: Reading): Promise<ReadResult> => {
  const texts: AttachedText[] = [];
  for (const [number, place] of attachmentsOf(reading.turn).entries()) {
    reading.signal.throwIfAborted();
    const saved = await savedText(reading, place.attachment);
    const part = saved ?? (await readPart(reading, place));
    if (part === 'changed') return { changed: true };
    if ('failure' in part) return part;
    if (part.text === undefined) continue;
    reading.charsLeft -= part.text.length;
    const { message, attachment } = place;
    texts.push({ part: number, message, attachment, text: part.text });
  }
  return { turn: reading.turn, texts, usage: reading.usage };
};

/** Aborts `ended` soon after the turn ended or was corrected: a cancellation, a deletion and a delete-all stop a slow fetch. */
const watchTurn = async (
  { store, clock, telemetry }: Platform,
  { project, id, revision = 0 }: Turn,
  ended: AbortController,
  done: AbortSignal,
): Promise<void> => {
  for (;;) {
    await clock.sleep(watchMs, done);
    if (done.aborted) return;
    try {
      const now = await store.get(turnKey(project, id));
      if (now?.state === 'pending' && (now.revision ?? 0) === revision) continue;
      ended.abort();
      return;
    } catch (error) {
      telemetry.log('warn', 'attachments.watch_failed', { code: toErrorInfo(error).code });
    }
  }
};

/**
 * Reads the attachments of a turn, one after the other, and saves each text: a retry after a crash, or after a failure of the
 * model, goes on where this run ended. A file that cannot be read fails alone, with the reason in the event. A fetch ends when the
 * turn ends.
 * @param describes false: links are fetched and documents read, and the language model is not asked; images are left to a later call
 * @throws LeaseLost; RetryableError when the store, or that of the files, cannot be reached
 */
export const readAttachments = async (
  platform: Platform,
  lease: Lease,
  turn: Turn,
  { describes }: { describes: boolean },
): Promise<ReadResult> => {
  const usage = { prompt: 0, completion: 0 };
  const ended = new AbortController();
  const done = new AbortController();
  const signal = AbortSignal.any([lease.signal, ended.signal]);
  const reading: Reading = {
    ...{ platform, lease, signal, describes, turn, usage, charsLeft: maxAttachedChars },
    ...{ bytesLeft: maxFetchedBytes, fetchUntil: platform.clock.now() + maxFetchMs },
  };
  const watching = watchTurn(platform, turn, ended, done.signal);
  try {
    return await readAll(reading);
  } catch (error) {
    if (lease.signal.aborted) throw new LeaseLost(lease.scope);
    if (ended.signal.aborted) return { changed: true };
    throw error;
  } finally {
    done.abort();
    await watching;
  }
};
