import type { FaultKind } from '../../../shared/simulation/faults.ts';
import { scenario } from '../../../shared/simulation/scenario-defaults.ts';
import { faults, rates } from '../../../shared/simulation/scenario-rates.ts';
import type { FaultGroup } from '../app/simulation.ts';

/** Scenario of the page: two clients that add, edit and delete, a reader, two workers and a sweeper, under all kinds of faults. */
export const visitorScenario = scenario(
  'visitor',
  { add: 8, addTwo: 3, repeat: 1, retract: 1, edit: 2, delete: 1, wait: 2, sleep: 2 },
  {
    operations: 8,
    reads: 6,
    refineSchedule: [1, 5, 30],
    indexLag: 0.5,
    faults: { ...faults, crash: 0.005, modelOutage: 0.08, modelSlow: 0.1, duplicateAccept: 0.1 },
    rates: { ...rates, slowResponses: 0.08 },
  },
);

export const kindsOfGroup: { readonly [group in FaultGroup]: readonly FaultKind[] } = {
  crashes: ['crash'],
  database: [
    'conflict',
    'unavailable',
    'lostResponse',
    'tornRead',
    'shortPage',
    'emptyPage',
    'laggingDue',
  ],
  queue: ['lostHint', 'queueUnavailable'],
  duplicates: ['duplicateHint', 'duplicateAccept'],
  index: ['indexLag', 'indexUnavailable', 'embedderUnavailable'],
  model: ['modelOutage', 'modelSlow'],
};
