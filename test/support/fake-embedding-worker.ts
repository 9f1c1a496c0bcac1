import { parentPort, threadId } from 'node:worker_threads';

// Worker with the protocol of the embedder's thread, without a model: each vector is [thread id, 1]. Some texts end the
// thread or get no reply.
parentPort?.on('message', (texts: string[]) => {
  if (texts.includes('exit')) process.exit(1);
  if (texts.includes('throw')) throw new Error('out of order');
  if (texts.includes('hang')) return;
  parentPort?.postMessage(texts.map(() => Float32Array.of(threadId, 1)));
});
parentPort?.postMessage('ready');
