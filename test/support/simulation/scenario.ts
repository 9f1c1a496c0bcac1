import {
  type Scenario,
  scenario,
  webhookDefaults,
} from '../../../shared/simulation/scenario-defaults.ts';
import {
  faults,
  fewFaults,
  manyInterleavings,
  rates,
  receiverFaults,
} from '../../../shared/simulation/scenario-rates.ts';

/** Scenarios, each of which concentrates on one kind of race or fault. */
const scenarios: readonly Scenario[] = [
  scenario('adds', { add: 6, addTwo: 2, repeat: 1, retract: 1, sleep: 1 }),
  scenario(
    'shared',
    { add: 4, repeat: 2, retract: 1, edit: 1, sleep: 1 },
    { clients: 3, operations: 3, shared: true },
  ),
  scenario('edits', { add: 4, addTwo: 1, edit: 4, editBatch: 3, sleep: 2, wait: 1 }),
  scenario('deletes', {
    add: 4,
    addTwo: 3,
    repeat: 1,
    edit: 1,
    delete: 4,
    deleteConcurrently: 3,
    deleteBatch: 4,
    correct: 2,
    deleteMessage: 3,
    deleteRough: 2,
    cancel: 2,
    sleep: 2,
    wait: 2,
  }),
  scenario(
    'messages',
    { addTwo: 4, repeat: 2, delete: 2, deleteMessage: 6, sleep: 4, wait: 1 },
    {
      operations: 9,
      shared: true,
      faults: { ...fewFaults, crash: 0.005, indexUnavailable: 0.01 },
      rates: manyInterleavings,
    },
  ),
  scenario(
    'contested',
    { add: 5, repeat: 3, retract: 2, edit: 6, delete: 3, deleteConcurrently: 2, cancel: 1 },
    { clients: 3, operations: 5, shared: true, faults: fewFaults, rates: manyInterleavings },
  ),
  scenario(
    'batches',
    { addTwo: 5, repeat: 1, edit: 2, editBatch: 4, delete: 1, deleteBatch: 4, cancel: 1 },
    { clients: 3, operations: 5, shared: true, faults: fewFaults, rates: manyInterleavings },
  ),
  scenario(
    'leases',
    { add: 6, repeat: 1, retract: 1, edit: 1, sleep: 1, deleteAllOfUser: 1 },
    {
      faults: { ...fewFaults, modelSlow: 0.5 },
      rates: { ...manyInterleavings, clockJumps: 0.03, freezes: 0.1 },
    },
  ),
  scenario(
    'rough',
    { add: 5, retry: 5, correct: 4, deleteRough: 3, cancel: 2, wait: 3 },
    {
      clients: 3,
      shared: true,
      refineSchedule: [1],
      faults: { ...fewFaults, modelRateLimited: 0.6 },
      rates: manyInterleavings,
    },
  ),
  scenario('delete-all', { add: 5, addTwo: 1, edit: 1, deleteAllOfUser: 2, sleep: 1, wait: 1 }),
  scenario(
    'erasures',
    {
      addTwo: 5,
      verbatim: 3,
      edit: 1,
      changeNotes: 3,
      delete: 2,
      deleteBatch: 3,
      deleteAllOfUser: 4,
      sleep: 1,
      wait: 3,
    },
    { clients: 3, operations: 5, faults: { ...faults, crash: 0.015 } },
  ),
  scenario(
    'derived',
    { addTwo: 8, derive: 16, delete: 16, readDerived: 3, deleteAllOfUser: 1, wait: 8 },
    {
      clients: 3,
      operations: 9,
      readers: 0,
      indexLag: 0,
      faults: { ...fewFaults, crash: 0.003, lostResponse: 0.01 },
      rates: manyInterleavings,
    },
  ),
  scenario(
    'runs',
    {
      add: 5,
      repeat: 4,
      retract: 1,
      edit: 1,
      deleteAllOfRun: 3,
      cancel: 1,
      sleep: 1,
      wait: 1,
    },
    { runs: 0.6, shared: true },
  ),
  scenario(
    'kinds',
    { add: 5, repeat: 4, retract: 1, deleteAllOfRuns: 4, wait: 1 },
    {
      clients: 3,
      operations: 5,
      runs: 0.4,
      shared: true,
      faults: fewFaults,
      rates: manyInterleavings,
    },
  ),
  scenario(
    'failures',
    {
      add: 5,
      repeat: 2,
      retry: 4,
      cancel: 1,
      edit: 1,
      correct: 2,
      deleteRough: 1,
      wait: 2,
      sleep: 1,
    },
    {
      faults: { ...faults, modelRateLimited: 0.3, modelInvalidOutput: 0.25, modelSlow: 0.2 },
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
      addOtherUser: 4,
      verbatim: 1,
      retry: 2,
      cancel: 1,
      wait: 1,
      sleep: 3,
    },
    {
      faults: {
        ...fewFaults,
        crash: 0.003,
        modelOutage: 0.3,
        modelServiceError: 0.05,
        modelInvalidOutput: 0.05,
      },
      refineSchedule: [1, 5],
      modelGiveUpHours: 0.005,
      shared: true,
      runs: 0.2,
    },
  ),
  scenario(
    'repeats',
    { sendTwice: 6, add: 1, cancel: 1, sleep: 1 },
    { faults: { ...faults, lostResponse: 0.08, duplicateAccept: 0.15 } },
  ),
  scenario(
    'resent',
    { add: 4, addTwo: 1, wait: 1 },
    {
      faults: { ...fewFaults, duplicateAccept: 0.6 },
      rates: { ...manyInterleavings, freezes: 0.2 },
    },
  ),
  scenario(
    'large',
    { verbatimLarge: 3, verbatim: 2, add: 1, changeNotes: 2, cancel: 1, deleteRough: 1, sleep: 1 },
    { clients: 1, operations: 4, faults: { ...faults, crash: 0.006 } },
  ),
  scenario(
    'index',
    { add: 4, edit: 4, delete: 1, retract: 1, sleep: 6 },
    { clients: 1, operations: 7, reads: 6, readers: 2, indexLag: 0.8, faults: fewFaults },
  ),
  scenario(
    'one-database',
    { add: 4, repeat: 1, retract: 1, edit: 4, delete: 1, sleep: 2, wait: 1 },
    {
      operations: 5,
      reads: 8,
      readers: 2,
      shared: true,
      indexLag: 0,
      faults: { ...fewFaults, crash: 0.01, embedderUnavailable: 0.02, indexUnavailable: 0.01 },
      rates: manyInterleavings,
    },
  ),
  scenario(
    'hints',
    { add: 4, repeat: 1, cancel: 1, wait: 1 },
    {
      clients: 3,
      readers: 0,
      sweeper: false,
      faults: { conflict: 0.05, duplicateHint: 0.1, tornRead: 0.3, shortPage: 0.3, emptyPage: 0.3 },
      rates: { ...rates, clockJumps: 0 },
    },
  ),
  scenario(
    'processing',
    { add: 6, addTwo: 2, process: 4, cancelTask: 1, cancel: 1, deleteRough: 1, sleep: 2 },
    {
      clients: 3,
      operations: 6,
      reads: 2,
      holds: 0.8,
      refineSchedule: [1],
      faults: { ...faults, modelInvalidOutput: 0.1 },
      rates: manyInterleavings,
    },
  ),
  scenario(
    'webhooks',
    { add: 6, edit: 3, repeat: 1, delete: 2, sleep: 1 },
    {
      ...webhookDefaults,
      faults: { ...faults, ...receiverFaults, receiverGone: 0.01 },
      customer: { pause: 2, resume: 2, delete: 1, create: 1, rotate: 3, resend: 2, wait: 6 },
    },
  ),
  scenario(
    'first-endpoint',
    { add: 6, repeat: 1, retry: 1, cancel: 1, sleep: 1 },
    {
      ...webhookDefaults,
      clients: 2,
      operations: 6,
      customerOperations: 1,
      firstEndpoint: true,
      refineSchedule: [1],
      faults: { ...fewFaults, ...receiverFaults, modelInvalidOutput: 0.2 },
      customer: { create: 1, delete: 1, wait: 1 },
    },
  ),
  scenario(
    'recoveries',
    { add: 6, edit: 3, delete: 1 },
    {
      ...webhookDefaults,
      faults: { ...fewFaults, ...receiverFaults, receiverError: 0.4, crash: 0.004 },
      customer: { recover: 4, cancelRecovery: 3, resend: 4, pause: 1, resume: 2, wait: 5 },
    },
  ),
];

export const getScenario = (name: string): Scenario => {
  const found = scenarios.find((one) => one.name === name);
  const names = scenarios.map((one) => one.name).join(', ');
  if (!found) throw new Error(`there is no scenario ${name}; there are ${names}`);
  return found;
};

/** Default scenario of a seed. */
export const scenarioForSeed = (seed: number): Scenario => {
  return getScenario(scenarios[seed % scenarios.length]?.name ?? `of seed ${seed}`);
};
