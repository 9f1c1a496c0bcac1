import { heapInUse } from './heap-in-use.ts';
import { createLoopMeter } from './loop-meter.ts';
import { settled } from './settled.ts';

/** Of the main thread. */
export interface Measured {
  /** CPU of the longest turn of the event loop since it was asked last, in milliseconds. */
  longestTurnMs: number;
  /** Only after `collect`. */
  heapBytes: number;
}

/** Asks at once, after the work that requests left behind, or after that and garbage collections. */
export type Question = 'measure' | 'settle' | 'collect';

/** Answers the parent process about this one's main thread, after a first message. */
export const startProbe = (first: object): void => {
  const meter = createLoopMeter();
  meter.start();

  const answer = async (question: Question): Promise<Measured> => {
    if (question !== 'measure') await settled();
    const longestTurnMs = await meter.read();
    if (question !== 'collect') return { longestTurnMs, heapBytes: 0 };
    const heapBytes = heapInUse();
    await meter.read();
    return { longestTurnMs, heapBytes };
  };

  process.on('disconnect', () => process.exit());
  process.on('message', (question: Question) => {
    void answer(question).then((measured) => process.send?.(measured));
  });
  process.send?.(first);
};
