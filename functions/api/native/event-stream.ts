import type { Context } from 'hono';
import {
  type ChangedEvent,
  type EventReader,
  eventFeedsOf,
} from '../../../shared/core/event-feed.ts';
import { isRevoked } from '../../../shared/core/projects/api-keys.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import { errorFields } from '../../error-fields.ts';
import type { ApiEnv } from '../http/api-env.ts';
import { idsFrom } from '../http/entity-ids.ts';
import { HttpError } from '../http/http-error.ts';
import { isoTime, isoTimeOrNull } from '../http/instant.ts';

/*
 * Handler of the stream of events, loaded by the first request.
 */

/** Time without a change after which a comment shows that the stream is open; proxies end silent ones. */
const heartbeatMs = 15_000;
/** Time that clients should wait before they connect again. */
const retryMs = 2_000;
/** Streams of one key in a process, and of all keys: each holds a connection. */
const maxStreams = 10;
const maxStreamsOfAll = 250;

const encoder = new TextEncoder();
const headers = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  // Asks proxies such as nginx to pass on each frame at once.
  'X-Accel-Buffering': 'no',
};

export interface StreamOptions {
  /** Seconds after which the stream ends. */
  seconds: number;
  /** Aborts when the process shuts down. */
  closing: AbortSignal | undefined;
}

const frame = (event: string, position: string, data: object): string =>
  `id: ${position}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

const stageFrame = (changed: ChangedEvent): string =>
  frame('stage', changed.position, {
    id: changed.event,
    event_id: changed.event,
    event_type: changed.kind,
    status: changed.status,
    stage: changed.stage,
    ...idsFrom(changed.entities),
    turn_id: changed.turn ?? null,
    attempts: changed.attempts,
    error: changed.error ?? null,
    created_at: isoTime(changed.createdAt),
    updated_at: isoTime(changed.updatedAt),
    completed_at: isoTimeOrNull(changed.completedAt),
    latency: changed.completedAt === undefined ? null : changed.completedAt - changed.createdAt,
  });

const tooManyStreams = (): HttpError =>
  new HttpError(
    429,
    'too_many_streams',
    `An API key has at most ${maxStreams} open streams of events, a process ${maxStreamsOfAll}: close one, or try again later.`,
    { headers: { 'Retry-After': '5' } },
  );

/** Frames of the next changes, if any is known. */
const framesOf = async (reader: EventReader): Promise<string> => {
  if (!reader.hasMore()) return '';
  const found = await reader.read();
  return found.missed ? frame('reset', found.position, {}) : found.events.map(stageFrame).join('');
};

/** Waits for frames; a heartbeat after a time without changes, undefined at the end of the stream. */
const nextFrames = async (
  platform: Platform,
  key: string,
  reader: EventReader,
  until: number,
  ended: AbortSignal,
): Promise<string | undefined> => {
  const { clock } = platform;
  const heartbeatAt = clock.now() + heartbeatMs;
  for (;;) {
    if (ended.aborted || (await isRevoked(platform, key))) return undefined;
    const frames = await framesOf(reader);
    if (frames !== '') return frames;
    const now = clock.now();
    if (now >= until) return undefined;
    if (now >= heartbeatAt) return ': heartbeat\n\n';
    if (!reader.hasMore()) await reader.wait(Math.min(heartbeatAt, until) - now, ended);
  }
};

/** Creates the streams of a process, with the count of those that are open. Undefined if its store does not report changes. */
export const createEventStreams = (platform: Platform) => {
  const feeds = eventFeedsOf(platform);
  if (!feeds) return undefined;
  const openByKey = new Map<string, number>();
  let openOfAll = 0;
  const count = (key: string, by: 1 | -1): void => {
    openOfAll += by;
    const open = (openByKey.get(key) ?? 0) + by;
    if (open === 0) openByKey.delete(key);
    else openByKey.set(key, open);
  };

  /**
   * Answers with the events of the caller's project as they change stage (server-sent events). A client that is slow, or connects again
   * with `Last-Event-ID`, gets what it missed, or a `reset` if that is no longer known.
   */
  return (c: Context<ApiEnv>, { seconds, closing }: StreamOptions): Response => {
    // An answer to HEAD has no body, which nothing would close.
    if (c.req.raw.method === 'HEAD') return c.body(null, 200, headers);
    const { key, project } = c.get('principal');
    if ((openByKey.get(key) ?? 0) >= maxStreams || openOfAll >= maxStreamsOfAll)
      throw tooManyStreams();

    const gone = new AbortController();
    const ended = AbortSignal.any([gone.signal, c.req.raw.signal, closing ?? []].flat());
    const reader = feeds.open(project, c.req.header('last-event-id'));
    count(key, 1);
    const close = (): void => {
      if (gone.signal.aborted) return;
      gone.abort();
      reader.close();
      count(key, -1);
    };
    ended.addEventListener('abort', close, { once: true });

    const until = platform.clock.now() + seconds * 1_000;
    const body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => controller.enqueue(encoder.encode(`retry: ${retryMs}\n\n`)),
        async pull(controller) {
          try {
            const text = await nextFrames(platform, key, reader, until, ended);
            if (text !== undefined) return controller.enqueue(encoder.encode(text));
          } catch (error) {
            platform.telemetry.log('warn', 'events.stream_interrupted', {
              requestId: c.get('requestId'),
              ...errorFields(error),
            });
          }
          close();
          controller.close();
        },
        cancel: close,
      },
      { highWaterMark: 0 },
    );
    return c.body(body, 200, headers);
  };
};
