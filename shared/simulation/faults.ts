import { RetryableError } from '../domain/errors.ts';
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
  /** Fails one request with a service error while the model serves others. */
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

/** `indexLag`: the index shows writes late, by its own rate. */
export type FaultKind = keyof FaultRates | 'indexLag';

export interface Faults {
  /** Draws whether the fault occurs, and counts it if so. */
  happens(kind: FaultKind): boolean;
  /** Counts a fault that another part drew. */
  note(kind: FaultKind): void;
  /** Disables all further faults. */
  stop(): void;
  areStopped(): boolean;
  /** Permits faults of these kinds, as at the start, or not. */
  permit(kinds: readonly FaultKind[], isPermitted: boolean): void;
  isPermitted(kind: FaultKind): boolean;
  counts: Map<FaultKind, number>;
}

export const createFaults = (
  random: Random,
  rates: Partial<FaultRates>,
  observe: (kind: FaultKind) => void,
): Faults => {
  const counts = new Map<FaultKind, number>();
  const refused = new Set<FaultKind>();
  let isEnabled = true;
  const note = (kind: FaultKind): void => {
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    observe(kind);
  };
  return {
    counts,
    note,
    happens(kind) {
      if (!isEnabled || refused.has(kind) || kind === 'indexLag') return false;
      if (!random.chance(rates[kind] ?? 0)) return false;
      note(kind);
      return true;
    },
    stop() {
      isEnabled = false;
    },
    areStopped: () => !isEnabled,
    permit(kinds, isPermitted) {
      for (const kind of kinds)
        if (isPermitted) refused.delete(kind);
        else refused.add(kind);
    },
    isPermitted: (kind) => !refused.has(kind),
  };
};

export const unavailable = (what: string): RetryableError =>
  new RetryableError(`${what}_unavailable`, `The ${what} cannot be reached.`);
