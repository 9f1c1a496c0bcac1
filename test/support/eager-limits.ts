import type { FunctionName } from '../../infra/bundle.ts';

/** Largest minified size in bytes of each function's static imports; other code is loaded lazily after the first response. */
export const eagerLimits: { readonly [name in FunctionName]: number } = {
  // 76 kB of it are stemmers of ten languages, 10 kB the order of results by person, by time and by what is asked, 4 kB words that
  // count as one and what was said around the best results. Code that is loaded later shares parts with this: the client of S3 19 kB, MCP 8 kB, archives 4 kB.
  api: 860_000,
  worker: 1_200_000,
  dispatcher: 1_000_000,
  sweeper: 600_000,
};
