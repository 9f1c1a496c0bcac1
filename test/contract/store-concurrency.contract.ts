import { describe, expect, it } from 'vitest';
import { scopeLeaseKey } from '../../shared/domain/table/keys.ts';
import type { Store } from '../../shared/ports/store.ts';
import { absent, given, newProject, type Opened, pending, put, transact } from './store-harness.ts';

const increment = async (store: Store, project: string): Promise<void> => {
  const { key } = pending(project, 'counter');
  for (;;) {
    const failures = (await store.get(key))?.failures ?? 0;
    const unchanged = {
      name: 'unchanged',
      test: { attribute: 'failures', equals: failures },
    } as const;
    const outcome = await transact(store, [
      { op: 'update', key, set: { failures: failures + 1 }, remove: [], when: unchanged },
    ]);
    if (outcome.committed) return;
  }
};

export const describeConcurrency = (opened: Opened): void => {
  describe('concurrent transactions', () => {
    it('exactly one of many conditional puts commits, and the others are rejected with the stored item', async () => {
      const { store } = opened();
      const key = scopeLeaseKey(newProject(), 'user#u');
      const tokens = Array.from({ length: 20 }, (_, i) => `token-${i}`);

      const outcomes = await Promise.all(
        tokens.map((token) => transact(store, [put(key, { token, leaseUntil: 1 }, absent)])),
      );

      const winner = await store.get(key);
      const refused = outcomes.flatMap((outcome) => (outcome.committed ? [] : outcome.refusals));
      expect(outcomes.filter(({ committed }) => committed)).toHaveLength(1);
      expect(refused).toEqual(
        Array.from({ length: 19 }, () => ({
          step: 0,
          condition: 'the condition',
          current: winner,
        })),
      );
    });

    it('concurrent conditional increments lose no update', async () => {
      const { store } = opened();
      const project = newProject();
      const { key, item } = pending(project, 'counter');
      await given(store, put(key, item));

      await Promise.all(
        Array.from({ length: 8 }, async () => {
          for (let i = 0; i < 5; i++) await increment(store, project);
        }),
      );

      expect((await store.get(key))?.failures).toBe(40);
    });

    it('a read never sees one half of a concurrent transaction', async () => {
      const { store } = opened();
      const project = newProject();
      const [a, b] = [scopeLeaseKey(project, 'user#a'), scopeLeaseKey(project, 'user#b')];

      await Promise.all(
        Array.from({ length: 10 }, (_, i) => {
          const head = { token: `token-${i}`, leaseUntil: i };
          const steps = [put(a, head), put(b, head)];
          return transact(store, i % 2 === 0 ? steps : steps.toReversed());
        }),
      );

      const [headA, headB] = await store.getMany([a, b]);
      expect(headA).toBeDefined();
      expect(headA).toEqual(headB);
    });

    it('a rejected transaction does not affect concurrent ones', async () => {
      const { store } = opened();
      const project = newProject();
      const taken = pending(project, 'taken');
      await given(store, put(taken.key, taken.item));
      const turns = Array.from({ length: 6 }, (_, i) => pending(project, `t${i}`));

      const outcomes = await Promise.all(
        turns.map(({ key, item }, i) =>
          transact(store, [
            put(key, item),
            ...(i % 2 === 0 ? [put(taken.key, taken.item, absent)] : []),
          ]),
        ),
      );

      const written = await store.getMany(turns.map(({ key }) => key));
      const expected = turns.map((_, i) => i % 2 === 1);
      expect(outcomes.map(({ committed }) => committed)).toEqual(expected);
      expect(written.map((item) => item !== undefined)).toEqual(expected);
    });
  });
};
