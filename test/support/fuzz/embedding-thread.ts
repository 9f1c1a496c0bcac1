import { parentPort } from 'node:worker_threads';
import { hashedVector } from '../../../shared/adapters/local-embedder/hashed-vector.ts';

// Speaks the protocol of the embedder's worker without the model, which takes most of the time that a search takes.
parentPort?.on('message', (texts: string[]) => {
  parentPort?.postMessage(texts.map((text) => hashedVector(text, 512)));
});
parentPort?.postMessage('ready');
