import { useEffect, useState } from 'preact/hooks';
import { openStream, type StreamFrame } from './api.ts';

/** Time before a stream that has ended is opened again. */
const retryMs = 2_000;
/** Time in which changes are collected: many events may change at once. */
const collectMs = 500;

const sleep = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });

/** Passes on the frames of one stream until it ends; returns the id of the last one. */
const readFrames = async (
  frames: AsyncIterable<StreamFrame>,
  onFrame: (frame: StreamFrame) => void,
): Promise<string | undefined> => {
  let last: string | undefined;
  for await (const frame of frames) {
    if (frame.id !== '') last = frame.id;
    if (frame.event !== '') onFrame(frame);
  }
  return last;
};

/** Follows the stream until the signal aborts, or as long as there is one. */
const follow = async (
  onFrame: (frame: StreamFrame) => void,
  onLive: (isLive: boolean) => void,
  signal: AbortSignal,
): Promise<void> => {
  let last: string | undefined;
  while (!signal.aborted) {
    const stream = await openStream(last, signal);
    if (stream === 'refused') return;
    if (stream !== 'unreachable') {
      onLive(true);
      last = (await readFrames(stream, onFrame)) ?? last;
      onLive(false);
    }
    await sleep(retryMs, signal);
  }
};

interface LiveEvents {
  /** Whether the stream is open; otherwise the page has to ask. */
  isLive: boolean;
  /** Grows soon after an event has changed its stage, or may have. */
  changes: number;
}

/**
 * Follows the stream of events of the service while the page is visible.
 * @param id the event, if only one is of interest
 */
export const useLiveEvents = (id = ''): LiveEvents => {
  const [isLive, setLive] = useState(false);
  const [changes, setChanges] = useState(0);

  useEffect(() => {
    let stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const onFrame = ({ event, data }: StreamFrame): void => {
      if (event === 'stage' && !data.includes(id)) return;
      timer ??= setTimeout(() => {
        timer = undefined;
        setChanges((before) => before + 1);
      }, collectMs);
    };
    const onVisibility = (): void => {
      stop.abort();
      stop = new AbortController();
      if (document.visibilityState === 'visible') void follow(onFrame, setLive, stop.signal);
    };
    onVisibility();
    document.addEventListener('visibilitychange', onVisibility);
    return () => {
      document.removeEventListener('visibilitychange', onVisibility);
      stop.abort();
      clearTimeout(timer);
    };
  }, [id]);

  return { isLive, changes };
};
