import type { Context } from 'hono';
import type { Platform } from '../../../shared/ports/platform.ts';
import { errorFields } from '../../error-fields.ts';
import type { ApiEnv } from '../http/api-env.ts';
import { HttpError } from '../http/http-error.ts';

/** Event of a chat, as clients of MemOS read it. */
export type ChatEvent =
  | { type: 'text'; data: string }
  | { type: 'end'; data: ''; task_id: string | null }
  | { type: 'error'; data: string };

const encoder = new TextEncoder();

const sentenceOf = (error: unknown): string =>
  error instanceof HttpError ? error.message : 'The model did not complete the answer.';

/**
 * Answers by server-sent events. The response begins with the first event: an error before it is answered like any other, a later one is
 * an event. The signal aborts when the client has gone; the work then ends by itself.
 * @throws the error of the work before its first event
 */
export const streamEvents = async (
  platform: Pick<Platform, 'telemetry'>,
  c: Context<ApiEnv>,
  work: (emit: (event: ChatEvent) => void, signal: AbortSignal) => Promise<void>,
): Promise<Response> => {
  const gone = new AbortController();
  const begun = Promise.withResolvers<void>();
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>(
    {},
    { highWaterMark: Number.POSITIVE_INFINITY },
    { highWaterMark: Number.POSITIVE_INFINITY },
  );
  const writer = writable.getWriter();
  writer.closed.catch(() => gone.abort());
  let hasBegun = false;
  const emit = (event: ChatEvent): void => {
    hasBegun = true;
    begun.resolve();
    // A write fails only once the client has gone, which aborts the work.
    writer.write(encoder.encode(`data: ${JSON.stringify(event)}\n\n`)).catch(() => gone.abort());
  };
  const run = async (): Promise<void> => {
    try {
      await work(emit, AbortSignal.any([c.req.raw.signal, gone.signal]));
    } catch (error) {
      if (!hasBegun) return begun.reject(error);
      platform.telemetry.log('warn', 'chat.interrupted', {
        requestId: c.get('requestId'),
        ...errorFields(error),
      });
      emit({ type: 'error', data: sentenceOf(error) });
    }
    await writer.close().catch(() => gone.abort());
  };
  void run();
  await begun.promise;
  return c.body(readable, 200, { 'Content-Type': 'text/event-stream; charset=utf-8' });
};
