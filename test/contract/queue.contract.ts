import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Hint, Queue } from '../../shared/ports/queue.ts';

/** A queue with its consuming side. */
export interface QueueUnderTest {
  queue: Queue;
  /** Returns the hints delivered since the last call, once none is in flight; each delivery is acknowledged. */
  settle(): Promise<Hint[]>;
  /** Moves the queue's time. */
  advance(ms: number): Promise<void>;
  close(): Promise<void>;
}

const refine = (project: string, scope: string): Hint => ({ v: 1, kind: 'refine', project, scope });

const everyKind: Hint[] = [
  refine('proj_1', 'user#alex'),
  { v: 1, kind: 'index', project: 'proj_1', memory: 'm1' },
  { v: 1, kind: 'finish', project: 'proj_1', turn: 't1' },
  { v: 1, kind: 'job', project: 'proj_1', job: 'j1' },
  { v: 1, kind: 'outbox', project: 'proj_1', scope: 'user#u', outbox: 'o1' },
];

const namesOf = (hints: readonly Hint[]): string[] => [
  ...new Set(hints.map((hint) => JSON.stringify(Object.entries(hint).sort()))),
];

const sameHints = (delivered: readonly Hint[], sent: readonly Hint[]): void =>
  expect(namesOf(delivered).sort()).toEqual(namesOf(sent).sort());

/** Contract of every queue: each hint arrives at least once, not before its delay. Order and duplicates are not specified. */
export const describeQueue = (name: string, make: () => Promise<QueueUnderTest>): void => {
  describe(`${name} as a queue`, () => {
    let under: QueueUnderTest;
    beforeEach(async () => {
      under = await make();
    });
    afterEach(() => under.close());

    it('every kind of hint is received as it was sent', async () => {
      await under.queue.send(everyKind);

      sameHints(await under.settle(), everyKind);
    });

    it('one send may have more hints than a batch holds', async () => {
      const hints = Array.from({ length: 57 }, (_, i) => refine(`proj_${i % 3}`, `user#${i}`));

      await under.queue.send(hints);

      sameHints(await under.settle(), hints);
    });

    it('a hint that is sent twice is received at least once', async () => {
      await under.queue.send([refine('proj_1', 'user#alex'), refine('proj_1', 'user#alex')]);

      sameHints(await under.settle(), [refine('proj_1', 'user#alex')]);
    });

    it('a hint that is sent again after it was received is received again', async () => {
      await under.queue.send([refine('proj_1', 'user#alex')]);
      await under.settle();

      await under.queue.send([refine('proj_1', 'user#alex')]);

      sameHints(await under.settle(), [refine('proj_1', 'user#alex')]);
    });

    it('a delayed hint is not received early and does not delay other hints', async () => {
      await under.queue.send([refine('proj_1', 'user#later')], 2_000);
      await under.queue.send([refine('proj_1', 'user#now')]);

      const early = await under.settle();
      await under.advance(2_100);
      const late = await under.settle();

      sameHints(early, [refine('proj_1', 'user#now')]);
      sameHints(late, [refine('proj_1', 'user#later')]);
    });

    it('a delay beyond the maximum is accepted', async () => {
      await under.queue.send([refine('proj_1', 'user#alex')], 7 * 86_400_000);

      sameHints(await under.settle(), []);
    });

    it('ids with any character are received unchanged', async () => {
      const odd = refine('proj_1', `user#${encodeURIComponent('名 #"\\\n🙂')}`);

      await under.queue.send([odd]);

      sameHints(await under.settle(), [odd]);
    });

    it('sending no hints is accepted', async () => {
      await under.queue.send([]);

      sameHints(await under.settle(), []);
    });
  });
};
