/** Deliveries to recover: exhausted ones, ones that were never created, or all. */
export const recoverables = ['failed', 'missing', 'all'] as const;
export type Recoverable = (typeof recoverables)[number];

/** Durable job that delivers again the notifications between `since` and `until`. Times in ms since 1970. */
export interface Recovery {
  id: string;
  project: string;
  endpoint: string;
  state: 'running' | 'succeeded' | 'cancelled';
  which: Recoverable;
  since: number;
  until: number;
  /** Position of the last candidate processed. */
  cursor?: string;
  counts: { candidates: number; recovered: number };
  token?: string;
  leaseUntil?: number;
  createdAt: number;
  updatedAt: number;
  completedAt?: number;
}
