import { parentPort, workerData } from 'node:worker_threads';
import { textOf } from './text-of.ts';

// Entry of the thread that parses one document. An exception ends the thread, which document-reader.ts reports as unreadable.
const { bytes, format, maxChars } = workerData;
parentPort?.postMessage(await textOf(bytes, format, maxChars));
