import { expect, it } from 'vitest';
import { fragmentOf, parsePlan, seedOf } from '../../../functions/console/app/plan.ts';
import type { Plan } from '../../../functions/console/app/simulation.ts';

const parse = (query: string): Plan => parsePlan(new URLSearchParams(query));

it('an address repeats the plan that it was made of', () => {
  const plan: Plan = {
    seed: 42,
    isBroken: true,
    actions: [
      { step: 0, what: 'model' },
      { step: 52, what: 'crash' },
    ],
  };

  const fragment = fragmentOf(plan);

  expect(fragment).toBe('#/proof?seed=42&broken=1&do=0.model~52.crash');
  expect(parse(fragment.slice(fragment.indexOf('?')))).toEqual(plan);
});

it.each(['', 'seed=', 'seed=-1', 'seed=1e3', 'seed=x&do=1.eval~x.crash~.crash~2&broken=yes'])(
  'the address "%s" is a plan of the first seed without actions',
  (query) => {
    expect(parse(query)).toEqual({ seed: 7, actions: [], isBroken: false });
  },
);

it.each([
  ['0', 0],
  ['999999999', 999_999_999],
  ['1000000000', undefined],
  ['1.5', undefined],
])('the seed %s is %s', (text, seed) => {
  expect(seedOf(text)).toBe(seed);
});
