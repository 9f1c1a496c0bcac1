import { expect, it } from 'vitest';
import { createHintHandler } from '../../functions/queue-handler.ts';
import { createLambdaBatchHandler } from '../../functions/sqs-lambda.ts';
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
