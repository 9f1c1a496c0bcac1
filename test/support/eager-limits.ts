import type { FunctionName } from '../../infra/bundle.ts';

/** Largest minified size in bytes of each function's static imports; other code is loaded lazily after the first response. */
export const eagerLimits: { readonly [name in FunctionName]: number } = {
  // 109 kB of it are zod, 51 kB the order and the words of results. The surface for MemOS clients, rare routes and stemmers are loaded late.
  api: 700_000,
  worker: 720_000,
  dispatcher: 470_000,
  sweeper: 390_000,
};
