import { heapInUse } from './heap-in-use.ts';
import { createLoopMeter } from './loop-meter.ts';
import { waitUntilIdle } from './wait-until-idle.ts';

/** Measurement of the main thread. */
export interface Measurement {
  /** CPU of the longest event loop iteration since the last measurement, in milliseconds. */
  longestIterationMs: number;
  /** Heap in use; 0 unless garbage was collected. */
  heapBytes: number;
}

/** Measures at once, after background work, or after background work and garbage collection. */
export type Question = 'measure' | 'settle' | 'collect';

/** Sends a first message to the parent process, then answers its questions about the main thread of this process. */
export const startProbe = (first: object): void => {
  const meter = createLoopMeter();
  meter.start();

  const answer = async (question: Question): Promise<Measurement> => {
    if (question !== 'measure') await waitUntilIdle();
    const longestIterationMs = await meter.read();
    if (question !== 'collect') return { longestIterationMs, heapBytes: 0 };
    const heapBytes = heapInUse();
    await meter.read();
    return { longestIterationMs, heapBytes };
  };

  process.on('disconnect', () => process.exit());
  process.on('message', (question: Question) => {
    void answer(question).then((measured) => process.send?.(measured));
  });
  process.send?.(first);
};
