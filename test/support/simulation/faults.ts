import { RetryableError } from '../../../shared/domain/errors.ts';
import type { Random } from './random.ts';

/** Probability of each kind of fault, per opportunity. */
export interface FaultRates {
  conflict: number;
  unavailable: number;
  lostResponse: number;
  /** The database client resends the transaction of an accept although the first copy committed. */
  duplicateAccept: number;
  tornRead: number;
  shortPage: number;
  emptyPage: number;
  laggingDue: number;
  indexUnavailable: number;
  embedderUnavailable: number;
  lostHint: number;
  duplicateHint: number;
  queueUnavailable: number;
  crash: number;
  /** The model stops serving all requests for some time. */
  modelOutage: number;
  /** One request fails with a service error although the model serves others. */
  modelServiceError: number;
  modelRateLimited: number;
  modelInvalidOutput: number;
  modelSlow: number;
  receiverUnreachable: number;
  receiverError: number;
  receiverThrottles: number;
  receiverTimeout: number;
  /** The receiver responds 410. */
  receiverGone: number;
}

export type FaultKind = keyof FaultRates;

export interface Faults {
  /** Draws whether the fault occurs, and counts it if so. */
  happens(kind: FaultKind): boolean;
  /** Disables all further faults. */
  stop(): void;
  areStopped(): boolean;
  counts: Map<FaultKind, number>;
}

export const createFaults = (random: Random, rates: Partial<FaultRates>): Faults => {
  const counts = new Map<FaultKind, number>();
  let isEnabled = true;
  return {
    counts,
    happens(kind) {
      if (!isEnabled || !random.chance(rates[kind] ?? 0)) return false;
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
      return true;
    },
    stop() {
      isEnabled = false;
    },
    areStopped: () => !isEnabled,
  };
};

export const unavailable = (what: string): RetryableError =>
  new RetryableError(`${what}_unavailable`, `The ${what} cannot be reached.`);
