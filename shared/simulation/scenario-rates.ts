import type { FaultRates } from './faults.ts';
import type { SchedulingRates } from './scheduler.ts';

export const rates: SchedulingRates = {
  slowResponses: 0.05,
  clockTicks: 0.05,
  clockJumps: 0.002,
  freezes: 0.03,
  bursts: 0.4,
};

export const faults: Partial<FaultRates> = {
  conflict: 0.03,
  unavailable: 0.004,
  lostResponse: 0.015,
  tornRead: 0.2,
  shortPage: 0.05,
  emptyPage: 0.02,
  laggingDue: 0.2,
  indexUnavailable: 0.01,
  embedderUnavailable: 0.02,
  lostHint: 0.15,
  duplicateHint: 0.15,
  queueUnavailable: 0.02,
  crash: 0.003,
};

/** Few faults, for scenarios about interleavings. */
export const fewFaults: Partial<FaultRates> = { tornRead: 0.2, lostHint: 0.1, duplicateHint: 0.1 };

/** Many short interleavings: slow responses and short freezes, few bursts. */
export const manyInterleavings: SchedulingRates = {
  slowResponses: 0.15,
  clockTicks: 0.02,
  clockJumps: 0.001,
  freezes: 0.05,
  bursts: 0.1,
};

export const receiverFaults: Partial<FaultRates> = {
  receiverUnreachable: 0.08,
  receiverError: 0.1,
  receiverThrottles: 0.05,
  receiverTimeout: 0.05,
};
