import { RetryableError } from '../../../shared/domain/errors.ts';
import type { Random } from './random.ts';

/** What can go wrong, each with its chance per occasion. */
export interface FaultRates {
  conflict: number;
  unavailable: number;
  lostAnswer: number;
  /** An accept that its client library sends again although the first one was written. */
  resent: number;
  tornRead: number;
  shortPage: number;
  emptyPage: number;
  laggingDue: number;
  indexUnavailable: number;
  embedderDown: number;
  lostHint: number;
  doubledHint: number;
  queueDown: number;
  crash: number;
  /** The model stops to serve, for some time. */
  modelOut: number;
  /** A turn's request fails although the model serves others. */
  modelChokes: number;
  modelDown: number;
  modelJunk: number;
  modelSlow: number;
  receiverDown: number;
  receiverFails: number;
  receiverBusy: number;
  receiverHangs: number;
  /** It answers 410. */
  receiverGone: number;
}

export type FaultKind = keyof FaultRates;

export interface Faults {
  /** Whether it happens this time; counted when it does. */
  happens(kind: FaultKind): boolean;
  /** From now on nothing goes wrong. */
  stop(): void;
  areOver(): boolean;
  counts: Map<FaultKind, number>;
}

export const createFaults = (random: Random, rates: Partial<FaultRates>): Faults => {
  const counts = new Map<FaultKind, number>();
  let on = true;
  return {
    counts,
    happens(kind) {
      if (!on || !random.chance(rates[kind] ?? 0)) return false;
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
      return true;
    },
    stop() {
      on = false;
    },
    areOver: () => !on,
  };
};

export const unavailable = (what: string): RetryableError =>
  new RetryableError(`${what}_unavailable`, `The ${what} cannot be reached.`);
