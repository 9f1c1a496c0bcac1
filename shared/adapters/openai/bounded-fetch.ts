/** An answer with more bytes than anything that was asked for can have. */
export class AnswerTooLarge extends Error {
  constructor(maxBytes: number) {
    super(`The answer is larger than ${maxBytes} bytes.`);
    this.name = 'AnswerTooLarge';
  }
}

const limited = (maxBytes: number): TransformStream<Uint8Array, Uint8Array> => {
  let bytes = 0;
  return new TransformStream({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) controller.error(new AnswerTooLarge(maxBytes));
      else controller.enqueue(chunk);
    },
  });
};

/**
 * Fetches without following redirects, which would carry the key and what was said to another place. An answer is read
 * as it comes and broken off where it outgrows `maxBytes`.
 */
export const boundedFetch =
  (maxBytes: number, inner: typeof fetch = fetch): typeof fetch =>
  async (input, init) => {
    const response = await inner(input, { ...init, redirect: 'error' });
    if (!response.body) return response;
    const { status, statusText, headers } = response;
    return new Response(response.body.pipeThrough(limited(maxBytes)), {
      status,
      statusText,
      headers,
    });
  };
