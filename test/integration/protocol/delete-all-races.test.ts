import { expect, it } from 'vitest';
import type { Step } from '../../../shared/ports/store.ts';
import { openCoreFixture, textsOf } from '../../support/core-fixture.ts';
import { eventOf, forget } from '../../support/delete-all.ts';
import { writesOf } from '../../support/intercepted-store.ts';
import { learning, proposing } from '../../support/scripted-model.ts';

const setsState =
  (state: string) =>
  (steps: readonly Step[]): boolean =>
    writesOf(steps, 'TURN').some(
      (step) => 'set' in step && 'state' in step.set && step.set['state'] === state,
    );
const applies = setsState('applied');
const cancels = setsState('cancelled');

it('a delete-all leaves no word of a turn that taught nothing and was applied while its job began', async () => {
  const service = openCoreFixture();
  const applied = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  const job = service.intercepted({
    async before({ steps }) {
      if (!cancels(steps)) return;
      reached.resolve();
      await applied.promise;
    },
  });
  let working: Promise<void> | undefined;
  let deletion = '';
  const worker = service.intercepted({
    async before({ steps }) {
      if (!applies(steps) || working) return;
      ({ event: deletion } = await forget(service));
      working = service.work(job);
      await reached.promise;
    },
    after({ steps }) {
      if (applies(steps)) applied.resolve();
    },
  });
  service.model.next(proposing({ turn: 0, type: 'NONE', reason: 'A greeting.' }));
  await service.add('The heron says hello.');

  await service.refine(undefined, worker);
  await working;
  await service.settle();

  expect((await eventOf(service, deletion))?.status).toBe('SUCCEEDED');
  expect(service.kindsSaying('heron')).toEqual([]);
});

it('a turn whose model was shown a memory that a delete-all of another run deleted is decided again', async () => {
  const service = openCoreFixture();
  const [first, second] = [
    { user: 'alice', run: 'r1' },
    { user: 'alice', run: 'r2' },
  ];
  service.model.next(learning('The heron has an appointment.'));
  await service.learn('The heron has an appointment.', first);
  await service.add('Move it to Friday.', second);
  service.model.next(async (request, signal) => {
    await forget(service, first);
    return learning('The heron has an appointment on Friday.')(request, signal);
  }, learning('Something moves to Friday.'));

  await service.refine(second);
  await service.work();
  await service.settle();

  expect(textsOf(await service.list())).toEqual(['Something moves to Friday.']);
  expect(service.kindsSaying('heron')).toEqual([]);
});
