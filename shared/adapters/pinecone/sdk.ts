/**
 * What is imported on first use. The package is CommonJS: were it imported by `import()` itself, a bundle would find its
 * exports only under `default`.
 */
export { Pinecone } from '@pinecone-database/pinecone';
