import { expect, it } from 'vitest';
import { createHintHandler } from '../../functions/queue-handler.ts';
import { createLambdaBatchHandler } from '../../functions/sqs-lambda.ts';
import { countWork } from '../../shared/core/projects/count-work.ts';
import { RetryableError } from '../../shared/domain/errors.ts';

it('a hint with a retryable error is left to the sweeper, and one with a bug goes back to the queue', async () => {
  const handle = createHintHandler({ telemetry: { log: () => {} } }, async (hint) => {
    if (hint.project === 'busy') throw new RetryableError('store_throttled', 'It is busy.');
    if (hint.project === 'odd') throw new TypeError('a mistake');
  });
  const handler = createLambdaBatchHandler({ clock: { now: () => 0 } }, handle);
  const record = (project: string) => ({
    messageId: project,
    body: JSON.stringify({ v: 1, kind: 'refine', project, scope: 'user#ann' }),
  });

  const answer = await handler(
    { Records: ['busy', 'odd', 'fine'].map(record) },
    { getRemainingTimeInMillis: () => 60_000 },
  );

  expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'odd' }] });
});

it('what a batch led to is counted, and written at the end of the batch', async () => {
  const counted: unknown[] = [];
  const meter = {
    countWork: (project: string, counts: object) => void counted.push([project, counts]),
    flush: async () => void counted.push('flushed'),
  };
  const { log } = countWork(meter, { log: () => {} });
  const handle = createHintHandler({ telemetry: { log } }, async ({ project }) => {
    log('info', 'turn.refined', { project, promptTokens: 7, completionTokens: 3 });
    log('debug', 'delivery.attempted', { project, ok: true });
    log('debug', 'delivery.attempted', { project, ok: false, error: 'http_500' });
    log('warn', 'turn.failed', { project });
  });
  const handler = createLambdaBatchHandler({ clock: { now: () => 0 } }, handle, meter);

  await handler(
    {
      Records: [
        {
          messageId: 'one',
          body: JSON.stringify({ v: 1, kind: 'refine', project: 'mine', scope: 'user#ann' }),
        },
      ],
    },
    { getRemainingTimeInMillis: () => 60_000 },
  );

  expect(counted).toEqual([
    ['mine', { refinements: 1, promptTokens: 7, completionTokens: 3 }],
    ['mine', { deliveries: 1 }],
    ['mine', { failedDeliveries: 1 }],
    'flushed',
  ]);
});
