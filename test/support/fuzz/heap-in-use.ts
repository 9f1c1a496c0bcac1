import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const gc: () => void = runInNewContext('gc');

/** Heap of this thread that remains in use after garbage collection, in bytes. */
export const heapInUse = (): number => {
  for (let time = 0; time < 3; time++) gc();
  return process.memoryUsage().heapUsed;
};
