import type { FaultRates } from './faults.ts';
import type { CustomerOperation, Operation } from './operations.ts';
import type { SchedulingRates } from './scheduler.ts';

export interface Scenario {
  name: string;
  clients: number;
  /** Operations of each client, and reads of each reader. */
  operations: number;
  readers: number;
  reads: number;
  /** Relative weight of each operation. */
  mix: { readonly [operation in Operation]?: number };
  /** Share of turns with a run in addition to the user. */
  runs: number;
  /** Whether clients use the same topics rather than disjoint ones. */
  shared: boolean;
  faults: Partial<FaultRates>;
  rates: SchedulingRates;
  refineSchedule: readonly number[];
  modelGiveUpHours: number;
  /** Probability that the model's admission is occupied by other work. */
  contention: number;
  /** Probability that a write to the index becomes visible late. */
  indexLag: number;
  /** Whether a sweeper runs. Otherwise hints alone must lead to all work. */
  sweeper: boolean;
  /** Share of hints that are handled with a short deadline. */
  shortBudgets: number;
  /** Relative weight of each customer operation. If set, the project has endpoints. */
  customer?: { readonly [operation in CustomerOperation]?: number };
  /** Operations of each customer after the first endpoints were created. */
  customerOperations: number;
  /** Notification hints that a worker handles concurrently, in addition to the usual two hints. */
  extraDispatches: number;
}

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

export const base: Omit<Scenario, 'name' | 'mix'> = {
  clients: 2,
  operations: 4,
  readers: 1,
  reads: 4,
  runs: 0,
  shared: false,
  faults,
  rates,
  refineSchedule: [1, 5, 30],
  modelGiveUpHours: 72,
  contention: 0.1,
  indexLag: 0.4,
  sweeper: true,
  shortBudgets: 0.1,
  customerOperations: 0,
  extraDispatches: 0,
};

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

export const webhookDefaults: Partial<Scenario> = {
  clients: 1,
  operations: 3,
  readers: 0,
  indexLag: 0,
  customerOperations: 5,
  extraDispatches: 3,
};

/** Scenarios, each of which concentrates on one kind of race or fault. */
