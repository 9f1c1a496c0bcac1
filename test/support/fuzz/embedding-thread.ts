import { parentPort } from 'node:worker_threads';
import { hashedVector } from '../../../shared/adapters/local-embedder/hashed-vector.ts';

// Thread with the protocol of the embedder's worker but without the model, which would dominate the CPU of a search.
parentPort?.on('message', (texts: string[]) => {
  parentPort?.postMessage(texts.map((text) => hashedVector(text, 384)));
});
parentPort?.postMessage('ready');
