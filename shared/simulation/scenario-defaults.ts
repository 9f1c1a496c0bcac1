import type { FaultRates } from './faults.ts';
import type { CustomerOperation, Operation } from './operations.ts';
import { faults, rates } from './scenario-rates.ts';
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
  /** Share of adds that may wait for others or for a request to process. */
  holds: number;
  /** Whether clients use the same topics rather than disjoint ones. */
  shared: boolean;
  faults: Partial<FaultRates>;
  rates: SchedulingRates;
  refineSchedule: readonly number[];
  modelGiveUpHours: number;
  /** Probability that the model's admission is occupied by other work. */
  contention: number;
  /** Probability that a write to the index becomes visible late; 0: the index is in the database of the store. */
  indexLag: number;
  /** Whether a sweeper runs. Otherwise hints alone must lead to all work. */
  sweeper: boolean;
  /** Share of hints that are handled with a short deadline. */
  shortBudgets: number;
  /** Relative weight of each customer operation. If set, the project has endpoints. */
  customer?: { readonly [operation in CustomerOperation]?: number };
  /** Whether clients add before the first endpoint exists. */
  firstEndpoint?: true;
  /** Operations of each customer after the first endpoints were created. */
  customerOperations: number;
  /** Notification hints that a worker handles concurrently, in addition to the usual two hints. */
  extraDispatches: number;
}

const base: Omit<Scenario, 'name' | 'mix'> = {
  clients: 2,
  operations: 4,
  readers: 1,
  reads: 4,
  runs: 0,
  holds: 0,
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

/** Builds a scenario from the defaults. */
export const scenario = (
  name: string,
  mix: Scenario['mix'],
  changes: Partial<Scenario> = {},
): Scenario => ({ ...base, name, mix, ...changes });

/** Changes of scenarios about webhooks. */
export const webhookDefaults: Partial<Scenario> = {
  clients: 1,
  operations: 3,
  readers: 0,
  indexLag: 0,
  customerOperations: 5,
  extraDispatches: 3,
};
