/** The body of a response exceeds a limit, which is larger than any valid answer. */
export class AnswerTooLarge extends Error {
  constructor(what: string) {
    super(`The answer has more than ${what}.`);
    this.name = 'AnswerTooLarge';
  }
}

/** Bounds of a JSON body: bytes, and values at any depth, each of which costs the parser far more than its bytes. */
export interface AnswerLimits {
  bytes: number;
  values: number;
}

const maxDepth = 64;

const [quote, backslash] = [0x22, 0x5c];
/** Change of the depth and of the number of values by a byte outside of strings. */
const [depthSteps, valueSteps] = [new Int8Array(256), new Int8Array(256)];
for (const opening of '[{') depthSteps[opening.charCodeAt(0)] = 1;
for (const closing of ']}') depthSteps[closing.charCodeAt(0)] = -1;
for (const next of '[{,') valueSteps[next.charCodeAt(0)] = 1;

/** Number of backslashes before `end`, at `from` or later. */
const backslashesBefore = (chunk: Uint8Array, from: number, end: number): number => {
  let first = end;
  while (first > from && chunk[first - 1] === backslash) first--;
  return end - first;
};

/** Position after the end of the string that `chunk` continues at `from`; -1 when it does not end in the chunk. */
const afterString = (chunk: Uint8Array, from: number): number => {
  let end = chunk.indexOf(quote, from);
  while (end >= 0 && backslashesBefore(chunk, from, end) % 2 === 1)
    end = chunk.indexOf(quote, end + 1);
  return end < 0 ? -1 : end + 1;
};

/** Counts the values of JSON that arrives in chunks, without parsing. Strings are skipped. @throws AnswerTooLarge */
const createStructureCheck = (maxValues: number) => {
  let isInString = false;
  /** Whether the last chunk ended in a string, after a backslash that escapes the next byte. */
  let isEscaped = false;
  let depth = 0;
  let deepest = 0;
  let values = 1;

  /** @returns the position after the string, or the end of the chunk */
  const skipString = (chunk: Uint8Array, at: number): number => {
    const from = isEscaped ? at + 1 : at;
    const after = afterString(chunk, from);
    isInString = after < 0;
    isEscaped = isInString && backslashesBefore(chunk, from, chunk.length) % 2 === 1;
    return isInString ? chunk.length : after;
  };

  /** @returns the position after the quote that opens a string, or beyond the end of the chunk */
  const countUntilString = (chunk: Uint8Array, from: number): number => {
    const found = chunk.indexOf(quote, from);
    const end = found < 0 ? chunk.length : found;
    let levels = depth;
    let deepestLevel = deepest;
    let count = values;
    for (let at = from; at < end; at++) {
      const byte = chunk[at] ?? 0;
      levels += depthSteps[byte] ?? 0;
      count += valueSteps[byte] ?? 0;
      if (levels > deepestLevel) deepestLevel = levels;
    }
    depth = levels;
    deepest = deepestLevel;
    values = count;
    isInString = found >= 0;
    return end + 1;
  };

  return (chunk: Uint8Array): void => {
    let at = 0;
    while (at < chunk.length) at = isInString ? skipString(chunk, at) : countUntilString(chunk, at);
    if (deepest > maxDepth) throw new AnswerTooLarge(`${maxDepth} levels`);
    if (values > maxValues) throw new AnswerTooLarge(`${maxValues} values`);
  };
};

const limitBody = (limits: AnswerLimits, isJson: boolean) => {
  const checkStructure = isJson ? createStructureCheck(limits.values) : () => {};
  let bytes = 0;
  return new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      if (bytes > limits.bytes) throw new AnswerTooLarge(`${limits.bytes} bytes`);
      checkStructure(chunk);
      controller.enqueue(chunk);
    },
  });
};

/**
 * Fetches without following redirects, which would send the key and the messages to another host. The body is limited
 * while streaming: reading fails with `AnswerTooLarge` beyond the limits.
 */
export const boundedFetch =
  (limits: AnswerLimits, inner: typeof fetch = fetch): typeof fetch =>
  async (input, init) => {
    const response = await inner(input, { ...init, redirect: 'error' });
    if (!response.body) return response;
    const { status, statusText, headers, ok } = response;
    return new Response(response.body.pipeThrough(limitBody(limits, ok)), {
      status,
      statusText,
      headers,
    });
  };
