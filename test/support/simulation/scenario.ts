import type { FaultRates } from './faults.ts';
import type { Pace } from './scheduler.ts';

/** What a client of the service may do next. */
export type Operation =
  | 'add'
  | 'addTwo'
  | 'repeat'
  | 'takeBack'
  | 'verbatim'
  | 'large'
  | 'twice'
  | 'edit'
  | 'delete'
  | 'deleteTogether'
  | 'deleteRough'
  | 'cancel'
  | 'retry'
  | 'forgetUser'
  | 'forgetRun'
  | 'look'
  | 'wait'
  | 'stranger'
  | 'rest';

/** What a customer may do to the endpoints of its project next. */
export type CustomerOperation =
  | 'create'
  | 'pause'
  | 'resume'
  | 'delete'
  | 'rotate'
  | 'resend'
  | 'recover'
  | 'cancelRecovery'
  | 'wait';

export interface Scenario {
  name: string;
  clients: number;
  /** Operations of each client, and reads of each reader. */
  operations: number;
  readers: number;
  reads: number;
  /** How often each operation is chosen, relative to the others. */
  mix: { readonly [operation in Operation]?: number };
  /** Share of turns that name a run besides the user. */
  runs: number;
  /** Whether clients speak of the same things, rather than each of its own. */
  shared: boolean;
  faults: Partial<FaultRates>;
  pace: Pace;
  refineSchedule: readonly number[];
  modelGiveUpHours: number;
  /** Chance that others come first where a run wants to ask the model. */
  crowding: number;
  /** Chance that a write to the index is seen late. */
  lag: number;
  /** Without: hints alone must be enough to get everything refined. */
  sweeper: boolean;
  /** Share of work that is given little time. */
  shortBudgets: number;
  /** With: the project has endpoints, and this is what is done to them, and how often relative to the others. */
  customer?: { readonly [operation in CustomerOperation]?: number };
  /** Operations of each customer after the first endpoints were made. */
  customerOperations: number;
  /** Hints a worker takes at a time besides the usual two, of what customers are told. */
  callers: number;
}

const pace: Pace = {
  slowAnswers: 0.05,
  ticks: 0.05,
  stalls: 0.002,
  freezes: 0.03,
  bursts: 0.4,
};

const faults: Partial<FaultRates> = {
  conflict: 0.03,
  unavailable: 0.004,
  lostAnswer: 0.015,
  tornRead: 0.2,
  shortPage: 0.05,
  emptyPage: 0.02,
  laggingDue: 0.2,
  indexUnavailable: 0.01,
  embedderDown: 0.02,
  lostHint: 0.15,
  doubledHint: 0.15,
  queueDown: 0.02,
  crash: 0.003,
};

const base: Omit<Scenario, 'name' | 'mix'> = {
  clients: 2,
  operations: 4,
  readers: 1,
  reads: 4,
  runs: 0,
  shared: false,
  faults,
  pace,
  refineSchedule: [1, 5, 30],
  modelGiveUpHours: 72,
  crowding: 0.1,
  lag: 0.4,
  sweeper: true,
  shortBudgets: 0.1,
  customerOperations: 0,
  callers: 0,
};

const scenario = (
  name: string,
  mix: Scenario['mix'],
  changes: Partial<Scenario> = {},
): Scenario => ({ ...base, name, mix, ...changes });

const calm: Partial<FaultRates> = { tornRead: 0.2, lostHint: 0.1, doubledHint: 0.1 };

/** Everyone is under way at once, and nobody for long. */
const eager: Pace = { slowAnswers: 0.15, ticks: 0.02, stalls: 0.001, freezes: 0.05, bursts: 0.1 };

const receivers: Partial<FaultRates> = {
  receiverDown: 0.08,
  receiverFails: 0.1,
  receiverBusy: 0.05,
  receiverHangs: 0.05,
};

const told: Partial<Scenario> = {
  clients: 1,
  operations: 3,
  readers: 0,
  lag: 0,
  customerOperations: 5,
  callers: 3,
};

/** Mixes of what happens to a service, each dense in one kind of trouble. */
const scenarios: readonly Scenario[] = [
  scenario('adds', { add: 6, addTwo: 2, repeat: 1, takeBack: 1, rest: 1 }),
  scenario(
    'shared',
    { add: 4, repeat: 2, takeBack: 1, edit: 1, rest: 1 },
    { clients: 3, operations: 3, shared: true },
  ),
  scenario('edits', { add: 4, edit: 5, rest: 2, wait: 1 }),
  scenario('deletes', {
    add: 4,
    addTwo: 3,
    repeat: 1,
    edit: 1,
    delete: 4,
    deleteTogether: 3,
    deleteRough: 2,
    cancel: 2,
    rest: 2,
    wait: 2,
  }),
  scenario(
    'contested',
    { add: 5, repeat: 3, takeBack: 2, edit: 6, delete: 3, deleteTogether: 2, cancel: 1 },
    { clients: 3, operations: 5, shared: true, faults: calm, pace: eager },
  ),
  scenario(
    'leases',
    { add: 6, repeat: 1, takeBack: 1, edit: 1, rest: 1, forgetUser: 1 },
    { faults: { ...calm, modelSlow: 0.5 }, pace: { ...eager, stalls: 0.03, freezes: 0.1 } },
  ),
  scenario(
    'rough',
    { add: 5, retry: 5, deleteRough: 3, cancel: 2, wait: 3 },
    {
      clients: 3,
      shared: true,
      refineSchedule: [1],
      faults: { ...calm, modelDown: 0.6 },
      pace: eager,
    },
  ),
  scenario('forget', { add: 5, addTwo: 1, edit: 1, forgetUser: 2, rest: 1, wait: 1 }),
  scenario(
    'runs',
    { add: 5, repeat: 4, takeBack: 1, edit: 1, forgetRun: 3, cancel: 1, rest: 1, wait: 1 },
    { runs: 0.6, shared: true },
  ),
  scenario(
    'failures',
    { add: 5, repeat: 2, retry: 4, cancel: 1, edit: 1, deleteRough: 1, wait: 2, rest: 1 },
    {
      faults: { ...faults, modelDown: 0.3, modelJunk: 0.25, modelSlow: 0.2 },
      refineSchedule: [1],
      runs: 0.2,
      shared: true,
    },
  ),
  scenario(
    'outages',
    {
      add: 5,
      addTwo: 1,
      repeat: 1,
      stranger: 4,
      verbatim: 1,
      retry: 2,
      cancel: 1,
      wait: 1,
      rest: 3,
    },
    {
      faults: { ...calm, crash: 0.003, modelOut: 0.3, modelChokes: 0.05, modelJunk: 0.05 },
      refineSchedule: [1, 5],
      modelGiveUpHours: 0.005,
      shared: true,
      runs: 0.2,
    },
  ),
  scenario(
    'repeats',
    { twice: 6, add: 1, cancel: 1, rest: 1 },
    { faults: { ...faults, lostAnswer: 0.08, resent: 0.15 } },
  ),
  scenario(
    'resent',
    { add: 4, addTwo: 1, wait: 1 },
    { faults: { ...calm, resent: 0.6 }, pace: { ...eager, freezes: 0.2 } },
  ),
  scenario(
    'large',
    { large: 3, verbatim: 2, add: 1, cancel: 1, deleteRough: 1, rest: 1 },
    { clients: 1, operations: 3, faults: { ...faults, crash: 0.006 } },
  ),
  scenario(
    'index',
    { add: 4, edit: 4, delete: 1, takeBack: 1, rest: 6 },
    { clients: 1, operations: 7, reads: 6, readers: 2, lag: 0.8, faults: calm },
  ),
  scenario(
    'hints',
    { add: 4, repeat: 1, cancel: 1, wait: 1 },
    {
      clients: 3,
      readers: 0,
      sweeper: false,
      faults: { conflict: 0.05, doubledHint: 0.1, tornRead: 0.3, shortPage: 0.3, emptyPage: 0.3 },
      pace: { ...pace, stalls: 0 },
    },
  ),
  scenario(
    'webhooks',
    { add: 6, edit: 3, repeat: 1, delete: 2, rest: 1 },
    {
      ...told,
      faults: { ...faults, ...receivers, receiverGone: 0.01 },
      customer: { pause: 2, resume: 2, delete: 1, create: 1, rotate: 3, resend: 2, wait: 6 },
    },
  ),
  scenario(
    'recoveries',
    { add: 6, edit: 3, delete: 1 },
    {
      ...told,
      faults: { ...calm, ...receivers, receiverFails: 0.4, crash: 0.004 },
      customer: { recover: 4, cancelRecovery: 3, resend: 4, pause: 1, resume: 2, wait: 5 },
    },
  ),
];

export const scenarioNamed = (name: string): Scenario => {
  const found = scenarios.find((one) => one.name === name);
  if (!found)
    throw new Error(
      `there is no scenario ${name}; there are ${scenarios.map((s) => s.name).join(', ')}`,
    );
  return found;
};

/** The mix a seed is played with when none is asked for. */
export const scenarioOf = (seed: number): Scenario => {
  const scenario = scenarios[seed % scenarios.length];
  if (!scenario) throw new RangeError('a seed is a whole number from 0 up');
  return scenario;
};
