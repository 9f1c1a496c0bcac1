import type { FunctionName } from '../../infra/bundle.ts';

/** Bytes, minified, that loading a function may read at once: what it does not need for its first answer waits. */
export const eagerLimits: { readonly [name in FunctionName]: number } = {
  api: 600_000,
  worker: 1_200_000,
  dispatcher: 1_000_000,
  sweeper: 600_000,
};
