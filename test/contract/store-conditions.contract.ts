import { describe, expect, it } from 'vitest';
import type { Key } from '../../shared/domain/table/items.ts';
import { memoryKey } from '../../shared/domain/table/keys.ts';
import type { Predicate, Step } from '../../shared/ports/store.ts';
import { given, memory, named, newProject, type Opened, put, transact } from './store-harness.ts';

const attributes = {
  text: 'b',
  version: 7,
  immutable: false,
  stagedBy: { turn: 't', plan: 'p' },
} as const;

/** Predicates with their results for an item with these attributes, and for an absent item. */
const cases: [test: Predicate, ofPresent: boolean, ofAbsent: boolean][] = [
  [{ is: 'absent' }, false, true],
  [{ is: 'present' }, true, false],
  [{ attribute: 'text', equals: 'b' }, true, false],
  [{ attribute: 'text', equals: 'B' }, false, false],
  [{ attribute: 'version', equals: 7 }, true, false],
  [{ attribute: 'version', equals: 8 }, false, false],
  [{ attribute: 'version', equals: '7' }, false, false],
  [{ attribute: 'immutable', equals: false }, true, false],
  [{ attribute: 'immutable', equals: true }, false, false],
  [{ attribute: 'pointer', equals: 'b' }, false, false],
  [{ attribute: 'text', in: ['a', 'b'] }, true, false],
  [{ attribute: 'version', in: ['7', 8] }, false, false],
  [{ attribute: 'immutable', in: [true, false] }, true, false],
  [{ attribute: 'pointer', in: ['b'] }, false, false],
  [{ attribute: 'version', atMost: 7 }, true, false],
  [{ attribute: 'version', atMost: 10 }, true, false],
  [{ attribute: 'version', atMost: 6.5 }, false, false],
  [{ attribute: 'version', atMost: '9' }, false, false],
  [{ attribute: 'text', atMost: 'b' }, true, false],
  [{ attribute: 'text', atMost: 'ba' }, true, false],
  [{ attribute: 'text', atMost: 'B' }, false, false],
  [{ attribute: 'text', atMost: 9 }, false, false],
  [{ attribute: 'pointer', atMost: 9 }, false, false],
  [{ attribute: 'pointer', is: 'missing' }, true, true],
  [{ attribute: 'constructor', is: 'missing' }, true, true],
  [{ attribute: 'text', is: 'missing' }, false, true],
  [{ attribute: 'stagedBy', is: 'missing' }, false, true],
  [{ any: [{ is: 'absent' }, { attribute: 'version', equals: 7 }] }, true, true],
  [
    {
      any: [
        { attribute: 'text', equals: 'x' },
        { attribute: 'version', atMost: 1 },
      ],
    },
    false,
    false,
  ],
  [{ all: [{ is: 'present' }, { attribute: 'text', equals: 'b' }] }, true, false],
  [
    {
      all: [
        { attribute: 'text', equals: 'b' },
        { attribute: 'version', equals: 8 },
      ],
    },
    false,
    false,
  ],
  [
    {
      all: [
        {
          any: [
            { attribute: 'pointer', is: 'missing' },
            { attribute: 'pointer', equals: 'p' },
          ],
        },
        { any: [{ attribute: 'text', in: ['b'] }, { is: 'absent' }] },
      ],
    },
    true,
    true,
  ],
];

/** A step of every kind with the same condition. */
const stepsOn = (project: string, key: Key<'MEMORY'>, test: Predicate): Step[] => [
  { op: 'check', key, when: named(test) },
  { op: 'put', key, item: memory(project), when: named(test) },
  { op: 'update', key, set: { text: 'c' }, remove: [], when: named(test) },
  { op: 'delete', key, when: named(test) },
];

export const describeConditions = (opened: Opened): void => {
  describe('conditions', () => {
    it.each(cases)(
      'the condition %j is %j for a present item and %j for an absent one',
      async (test, yes, none) => {
        const { store } = opened();
        const project = newProject();
        const present = memoryKey(project, 'present');
        const reset = put(present, memory(project, attributes));
        const outcomes: boolean[][] = [];

        for (const step of stepsOn(project, present, test)) {
          await given(store, reset);
          const ofPresent = await transact(store, [step]);
          const ofAbsent = await transact(store, [
            { ...step, key: memoryKey(project, step.op) } as Step,
          ]);
          outcomes.push([ofPresent.committed, ofAbsent.committed]);
        }

        expect(outcomes).toEqual(Array.from({ length: 4 }, () => [yes, none]));
      },
    );

    it.each(cases)('the condition %j treats an expired item as absent', async (test, _, none) => {
      const { store, clock } = opened();
      const project = newProject();
      const key = memoryKey(project, 'expired');
      const reset = put(key, memory(project, { ...attributes, expiresAt: clock.now() }));
      const outcomes: boolean[] = [];

      for (const step of stepsOn(project, key, test)) {
        await given(store, reset);
        outcomes.push((await transact(store, [step])).committed);
      }

      expect(outcomes).toEqual([none, none, none, none]);
    });
  });
};
