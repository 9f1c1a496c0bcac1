/** The body of a response exceeds the limit, which is larger than any valid answer. */
export class AnswerTooLarge extends Error {
  constructor(maxBytes: number) {
    super(`The answer is larger than ${maxBytes} bytes.`);
    this.name = 'AnswerTooLarge';
  }
}

const limitBytes = (maxBytes: number): TransformStream<Uint8Array, Uint8Array> => {
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
 * Fetches without following redirects, which would send the key and the messages to another host. The body is limited
 * while streaming: reading fails with `AnswerTooLarge` after `maxBytes`.
 */
export const boundedFetch =
  (maxBytes: number, inner: typeof fetch = fetch): typeof fetch =>
  async (input, init) => {
    const response = await inner(input, { ...init, redirect: 'error' });
    if (!response.body) return response;
    const { status, statusText, headers } = response;
    return new Response(response.body.pipeThrough(limitBytes(maxBytes)), {
      status,
      statusText,
      headers,
    });
  };
