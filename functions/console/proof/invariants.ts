import type { Invariant } from '../../../shared/simulation/check-context.ts';
import type { Observer } from '../../../shared/simulation/simulated-service.ts';
import type { CheckedInvariant } from '../app/simulation.ts';

/** Invariants that a run of the visitor can violate. The project of the visitor has no webhooks and no delete-alls. */
const names: readonly (readonly [Invariant, string])[] = [
  [
    'reads',
    'Every search finds each acknowledged add, as it was said or refined, once, and nothing that was deleted',
  ],
  ['facts', 'Refinement loses no fact, and goes in the order in which things were said'],
  ['answers', 'What was acknowledged is written, and nothing fails in an unexpected way'],
  ['repeats', 'A request that arrives twice is one add'],
  ['versions', 'Every change of a memory is a new version, with its history'],
  ['erasure', 'No erased text comes back'],
  ['leases', 'One process at a time refines what a user said'],
  ['states', 'Adds and their events take permitted steps only'],
  ['model', 'An outage of the model fails no add'],
  ['end', 'At the end no work is left over, and each client reads what it wrote last'],
];

/** Counts the checks of each invariant, and keeps its violations. */
export const createInvariants = () => {
  const checks = new Map<Invariant, number>();
  const violations = new Map<Invariant, string[]>();
  return {
    checked: (invariant: Invariant): void =>
      void checks.set(invariant, (checks.get(invariant) ?? 0) + 1),
    violated: (invariant: Invariant, what: string): void =>
      void violations.set(invariant, [...(violations.get(invariant) ?? []), what]),
    state: (): CheckedInvariant[] =>
      names.map(([invariant, name]) => ({
        name,
        checks: checks.get(invariant) ?? 0,
        violations: violations.get(invariant) ?? [],
      })),
  } satisfies Pick<Observer, 'checked' | 'violated'> & { state(): CheckedInvariant[] };
};
