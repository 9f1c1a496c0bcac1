/** Kinds of items whose number per project is limited. */
export type QuotaKind = 'endpoints' | 'recoveries' | 'jobs' | 'derivations' | 'keys';

/** Names of the items that were counted against a quota; some may have ended since. */
export interface Quota {
  /** Rises with every item that is counted, for optimistic concurrency. */
  version: number;
  open: readonly string[];
}
