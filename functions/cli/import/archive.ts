import { createHash } from 'node:crypto';
import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { RetryableError, TerminalError } from '../../../shared/domain/errors.ts';
import { createProgress } from '../ingest/progress.ts';
import type { ServiceClient } from '../ingest/service-client.ts';
import { openPosition } from './position.ts';
import { withRetries } from './retries.ts';

/** Bounds of one request. */
const maxRecords = 50;
const maxCharacters = 500_000;
/** Characters of the first record. */
const headCharacters = 200;
/** Bytes of a file as base64 that one request carries, also on AWS. */
const maxFileCharacters = 4_400_000;

type Content = { readonly [field: string]: unknown };

interface Part {
  turn: string;
  digest: string;
  ofTurn: string[];
  part: number;
  parts: number;
  data: string;
}

/** Whether a file is an archive of `GET /v1/export`. */
export const isArchive = (file: string): boolean => {
  const head = Buffer.alloc(headCharacters);
  try {
    const opened = openSync(file, 'r');
    try {
      readSync(opened, head);
    } finally {
      closeSync(opened);
    }
  } catch {
    return false;
  }
  return head.toString('utf8').startsWith('{"archive":');
};

const parseRecord = (text: string, number: number, file: string): Content => {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new TerminalError('bad_file', `Record ${number} of ${file} is not valid JSON.`, error);
  }
};

const textsOf = (file: string) =>
  createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY });

export interface Summary {
  /** Number of records by name. */
  counts: Map<string, number>;
  total: number;
  /** Digest of the whole file. */
  digest: string;
}

/**
 * Reads an archive once, without sending anything.
 * @throws TerminalError bad_file if it is cut off, or of a version that is not known
 */
export const readArchive = async (file: string): Promise<Summary> => {
  const counts = new Map<string, number>();
  const digest = createHash('sha256');
  let total = 0;
  let last: Content = {};
  for await (const text of textsOf(file)) {
    digest.update(text);
    last = parseRecord(text, ++total, file);
    const [name = ''] = Object.keys(last);
    if (!['archive', 'next', 'end'].includes(name)) counts.set(name, (counts.get(name) ?? 0) + 1);
    const { archive } = last;
    if (archive && JSON.stringify(archive) !== '{"version":1}')
      throw new TerminalError('bad_file', `${file} is an archive of an unknown version.`);
  }
  if (last['end'] !== true)
    throw new TerminalError(
      'bad_file',
      `${file} is not a whole archive: its last record is not {"end":true}.`,
    );
  return { counts, total, digest: digest.digest('base64url') };
};

type Body = { records: Content[] } | { file: object[] };

/** Sends requests, and counts what became of their records. */
const createSender = (client: Pick<ServiceClient, 'restore'>) => {
  const outcomes = new Map<string, number>();
  const refusals: string[] = [];
  const count = (outcome: string): void => {
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  };
  const refuse = (sentence: string): void => {
    count('refused');
    refusals.push(sentence);
  };
  const isRefusal = (error: unknown): error is TerminalError =>
    error instanceof TerminalError && error.code === 'refused';
  /** Sends a request. Returns the error that refused it, if one did. */
  const attempt = async (body: object): Promise<TerminalError | undefined> => {
    try {
      for (const outcome of await withRetries(() => client.restore(body))) count(outcome);
      return undefined;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return error;
    }
  };
  /** Sends a request; if it is refused, its records one by one. */
  const send = async (body: Body): Promise<void> => {
    const error = await attempt(body);
    const records = 'records' in body ? body.records : [];
    if (error && records.length < 2) refuse(error.message);
    else if (error) for (const record of records) await send({ records: [record] });
  };
  return { outcomes, refusals, send, refuse };
};

/** Sends a file once its last part has come. */
const createFileSender = ({ send, refuse }: ReturnType<typeof createSender>) => {
  let parts: Part[] = [];
  return {
    async add(part: Part): Promise<void> {
      parts.push(part);
      if (part.part + 1 < part.parts) return;
      const content = Buffer.concat(parts.map(({ data }) => Buffer.from(data, 'base64')));
      parts = [];
      const { turn, digest, ofTurn } = part;
      const encoded = content.toString('base64');
      if (encoded.length > maxFileCharacters)
        refuse(`A file of turn ${turn} is too large for one request.`);
      else await send({ file: [{ turn, digest, of_turn: ofTurn, content: encoded }] });
    },
    isEmpty: () => parts.length === 0,
  };
};

/** Collects records until they fill a request. */
const createBatch = (sender: ReturnType<typeof createSender>) => {
  const files = createFileSender(sender);
  let records: Content[] = [];
  let characters = 0;
  const flush = async (): Promise<void> => {
    if (records.length > 0) await sender.send({ records });
    records = [];
    characters = 0;
  };
  return {
    flush,
    async add({ file, archive, next, end, ...record }: Content, length: number): Promise<void> {
      if (file) {
        await flush();
        return files.add(file as Part);
      }
      if (archive ?? next ?? end) return;
      records.push(record);
      characters += length;
      if (records.length >= maxRecords || characters >= maxCharacters) await flush();
    },
    /** Whether nothing is left to send. */
    isEmpty: () => records.length === 0 && files.isEmpty(),
  };
};

/**
 * Restores an archive in the order of its records, from the saved position on. Returns the numbers of outcomes, and the sentences of refused
 * requests, which do not end the import.
 */
export const restoreArchive = async (
  file: string,
  { total, digest }: Summary,
  client: Pick<ServiceClient, 'restore'>,
  url: string,
): Promise<{ outcomes: Map<string, number>; refusals: string[] }> => {
  const position = openPosition(file, url, [digest]);
  const sender = createSender(client);
  const batch = createBatch(sender);
  const progress = createProgress(process.stdout, 'restored', total);
  let number = 0;
  try {
    for await (const text of textsOf(file)) {
      number += 1;
      if (number <= position.done) continue;
      await batch.add(parseRecord(text, number, file), text.length);
      if (!batch.isEmpty()) continue;
      position.save(number);
      progress.show(number);
    }
    await batch.flush();
    progress.show(total);
    position.remove();
    return sender;
  } catch (error) {
    if (!(error instanceof RetryableError)) throw error;
    const advice = 'Run this command again once the service answers, and it continues from there.';
    throw new TerminalError(error.code, `${error.message} ${advice}`, error);
  } finally {
    progress.end();
  }
};
