/**
 * Module for the dynamic import of the SDK. The package is CommonJS: imported directly by `import()`, a bundle would have
 * its exports under `default` only.
 */
export { Pinecone } from '@pinecone-database/pinecone';
