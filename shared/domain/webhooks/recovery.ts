/** Which deliveries to make again: those that were given up, those that never were, or everything. */
export const recoverables = ['failed', 'missing', 'all'] as const;
export type Recoverable = (typeof recoverables)[number];

/** A durable job that delivers again what was told between `since` and `until` (ms since 1970). */
export interface Recovery {
  id: string;
  project: string;
  endpoint: string;
  state: 'running' | 'succeeded' | 'cancelled';
  which: Recoverable;
  since: number;
  until: number;
  /** Where the next page starts. */
  cursor?: string;
  counts: { candidates: number; recovered: number };
  token?: string;
  leaseUntil?: number;
  createdAt: number;
  updatedAt: number;
  completedAt?: number;
}
