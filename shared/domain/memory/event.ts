import type { ErrorInfo } from '../errors.ts';
import type { ModelOption } from '../project-settings.ts';
import type { Entities } from './entities.ts';

/** `PROCESS`: a request to refine what is pending of an entity, or to follow its refinement. */
export type EventKind = 'ADD' | 'DELETE_ALL' | 'REINDEX' | 'PROCESS';
export type EventStatus = 'PENDING' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED';

/** Progress within RUNNING. */
export type Stage = 'queued' | 'deciding' | 'planned' | 'applied' | 'deleting' | 'finished';

/** Time spent per stage on the attempt that succeeded, ms. */
export type Timings = { [stage in 'waited' | 'retrieve' | 'model' | 'embed' | 'apply']?: number };

/**
 * The job that a turn, a delete-all or a request to process starts: PENDING -> RUNNING -> SUCCEEDED | FAILED | CANCELLED. SUCCEEDED means that every
 * search sees the result. Times in ms since 1970.
 */
export interface Event {
  id: string;
  project: string;
  kind: EventKind;
  status: EventStatus;
  stage: Stage;
  entities: Entities;
  turn?: string;
  /** Whether the turn needs no language model. */
  verbatim?: boolean;
  attempts: number;
  timings: Timings;
  tokens: { prompt: number; completion: number };
  /** Language model that decided the changes. */
  model?: string;
  /** Options of the turn and its project that the model did not follow. */
  ignored?: ModelOption[];
  error?: ErrorInfo;
  /** Counts of a delete-all. */
  counts?: { memories: number; turns: number };
  /** Of a final PROCESS: memories that its turns added and updated. */
  learnt?: { added: number; updated: number };
  /** Of a PROCESS: whether it only follows what is refined anyway. */
  follows?: true;
  createdAt: number;
  updatedAt: number;
  startedAt?: number;
  completedAt?: number;
}

export const isFinal = (status: EventStatus): boolean =>
  status === 'SUCCEEDED' || status === 'FAILED' || status === 'CANCELLED';
