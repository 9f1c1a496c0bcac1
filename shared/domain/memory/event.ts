import type { ErrorInfo } from '../errors.ts';
import type { Entities } from './entities.ts';

export type EventKind = 'ADD' | 'DELETE_ALL' | 'REINDEX';
export type EventStatus = 'PENDING' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED';

/** Checkpoint inside RUNNING. */
export type Stage = 'queued' | 'deciding' | 'planned' | 'applied' | 'deleting' | 'finished';

/** Milliseconds spent, by stage, on the attempt that succeeded. */
export type Timings = { [stage in 'waited' | 'recall' | 'model' | 'embed' | 'apply']?: number };

/** The job a turn (or a delete-all) makes. PENDING -> RUNNING -> SUCCEEDED | FAILED | CANCELLED; times in ms since 1970. */
export interface Event {
  id: string;
  project: string;
  kind: EventKind;
  status: EventStatus;
  stage: Stage;
  entities: Entities;
  turn?: string;
  /** It needs no language model. */
  verbatim?: boolean;
  attempts: number;
  timings: Timings;
  tokens: { prompt: number; completion: number };
  /** What the changes were decided by. */
  model?: string;
  error?: ErrorInfo;
  /** Counts of a delete-all. */
  counts?: { memories: number; turns: number };
  createdAt: number;
  updatedAt: number;
  startedAt?: number;
  completedAt?: number;
}

export const isFinal = (status: EventStatus): boolean =>
  status === 'SUCCEEDED' || status === 'FAILED' || status === 'CANCELLED';
