/**
 * Module for the dynamic import of the SDK and of what only its requests need. The package is CommonJS: imported directly by `import()`, a bundle would have
 * its exports under `default` only.
 */
export { Pinecone } from '@pinecone-database/pinecone';
export { createRetryingFetch, responseContext } from './retrying-fetch.ts';
