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

/** Position of a byte of JSON: outside of strings, in a string, or after a backslash in a string. */
type Place = 'outside' | 'string' | 'escape';

const placeAfter = (place: Place, byte: number): Place => {
  if (place === 'escape') return 'string';
  if (byte === quote) return place === 'outside' ? 'string' : 'outside';
  return place === 'string' && byte === backslash ? 'escape' : place;
};

/** Counts the values of JSON that arrives in chunks, without parsing. @throws AnswerTooLarge */
const createStructureCheck = (maxValues: number) => {
  let place: Place = 'outside';
  let depth = 0;
  let values = 1;
  return (chunk: Uint8Array): void => {
    let deepest = depth;
    for (const byte of chunk) {
      if (place === 'outside') {
        depth += depthSteps[byte] ?? 0;
        values += valueSteps[byte] ?? 0;
        deepest = Math.max(deepest, depth);
      }
      place = placeAfter(place, byte);
    }
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
