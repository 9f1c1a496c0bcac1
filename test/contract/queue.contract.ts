import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Hint, Queue } from '../../shared/ports/queue.ts';

/** A queue with its consuming side. */
export interface QueueUnderTest {
  queue: Queue;
  /** What has been delivered since it was last asked, once no more is on its way; each delivery is acknowledged. */
  settle(): Promise<Hint[]>;
  /** Lets time pass. */
  advance(ms: number): Promise<void>;
  close(): Promise<void>;
}

const refine = (project: string, scope: string): Hint => ({ v: 1, kind: 'refine', project, scope });

const everyKind: Hint[] = [
  refine('proj_1', 'user#alex'),
  { v: 1, kind: 'index', project: 'proj_1', memory: 'm1' },
  { v: 1, kind: 'settle', project: 'proj_1', turn: 't1' },
  { v: 1, kind: 'job', project: 'proj_1', job: 'j1' },
  { v: 1, kind: 'outbox', project: 'proj_1', scope: 'user#u', outbox: 'o1' },
];

const namesOf = (hints: readonly Hint[]): string[] => [
  ...new Set(hints.map((hint) => JSON.stringify(Object.entries(hint).sort()))),
];

const sameHints = (delivered: readonly Hint[], sent: readonly Hint[]): void =>
  expect(namesOf(delivered).sort()).toEqual(namesOf(sent).sort());

/** What every queue keeps: each hint arrives at least once, not before its delay; order and doubles are open. */
export const describeQueue = (name: string, make: () => Promise<QueueUnderTest>): void => {
  describe(`${name} as a queue`, () => {
    let under: QueueUnderTest;
    beforeEach(async () => {
      under = await make();
    });
    afterEach(() => under.close());

    it('delivers every kind of hint as it was sent', async () => {
      await under.queue.send(everyKind);

      sameHints(await under.settle(), everyKind);
    });

    it('delivers more hints of one send than any batch holds', async () => {
      const hints = Array.from({ length: 57 }, (_, i) => refine(`proj_${i % 3}`, `user#${i}`));

      await under.queue.send(hints);

      sameHints(await under.settle(), hints);
    });

    it('delivers a hint that is sent twice at least once', async () => {
      await under.queue.send([refine('proj_1', 'user#alex'), refine('proj_1', 'user#alex')]);

      sameHints(await under.settle(), [refine('proj_1', 'user#alex')]);
    });

    it('delivers again what is sent again after its delivery', async () => {
      await under.queue.send([refine('proj_1', 'user#alex')]);
      await under.settle();

      await under.queue.send([refine('proj_1', 'user#alex')]);

      sameHints(await under.settle(), [refine('proj_1', 'user#alex')]);
    });

    it('does not deliver a delayed hint before its time, nor hold others up', async () => {
      await under.queue.send([refine('proj_1', 'user#later')], 2_000);
      await under.queue.send([refine('proj_1', 'user#now')]);

      const early = await under.settle();
      await under.advance(2_100);
      const late = await under.settle();

      sameHints(early, [refine('proj_1', 'user#now')]);
      sameHints(late, [refine('proj_1', 'user#later')]);
    });

    it('takes a delay beyond the longest one', async () => {
      await under.queue.send([refine('proj_1', 'user#alex')], 7 * 86_400_000);

      sameHints(await under.settle(), []);
    });

    it('keeps ids with any character whole', async () => {
      const odd = refine('proj_1', `user#${encodeURIComponent('名 #"\\\n🙂')}`);

      await under.queue.send([odd]);

      sameHints(await under.settle(), [odd]);
    });

    it('takes no hints at all', async () => {
      await under.queue.send([]);

      sameHints(await under.settle(), []);
    });
  });
};
