import { afterAll, beforeAll, expect, it } from 'vitest';
import { RetryableError } from '../../shared/domain/errors.ts';
import { plainLanguageModel } from '../support/fake-models.ts';
import { finalEvent, openService, say, type TestService } from '../support/in-memory-service.ts';

let isBroken = true;
let service: TestService;
beforeAll(async () => {
  service = await openService({
    refineSchedule: [0],
    languageModel: {
      ...plainLanguageModel,
      decide: (request, signal) => {
        if (isBroken) throw new RetryableError('model_unreachable', 'The model does not answer.');
        return plainLanguageModel.decide(request, signal);
      },
    },
  });
});
afterAll(() => service.close());

it('a failed event says why, its rough memory stays, and it can be retried', async () => {
  const { client } = service;
  const { event_id: id } = (await client('POST /v1/turns', { body: say('I like tea') })).body;

  const failed = await finalEvent(client, id);
  const known = (await client(`GET /v1/event/${id}/`)).body;
  const listed = (await client('GET /v1/events/?status=FAILED')).body.results;
  const rough = await client('POST /v3/memories/', { body: { filters: { user_id: 'alice' } } });
  const add = await client('POST /v3/memories/add/', {
    body: { ...say('Me too'), async_mode: false },
  });
  isBroken = false;
  const retried = await client(`POST /v1/events/${id}/retry`);
  const succeeded = await finalEvent(client, id);

  expect(failed).toMatchObject({
    status: 'FAILED',
    error: { code: 'model_unreachable', message: 'The model does not answer.', retryable: true },
  });
  const asText = {
    id,
    status: 'FAILED',
    error: 'The model does not answer.',
    error_detail: { code: 'model_unreachable', retryable: true },
  };
  expect(known).toMatchObject(asText);
  expect(listed).toMatchObject([asText]);
  expect(rough.body.results).toMatchObject([
    { type: 'rough', stage: 'failed', event_id: id, memory: 'user: I like tea' },
  ]);
  expect(add).toMatchObject({ status: 200, body: { status: 'FAILED', results: [] } });
  expect(retried.status).toBe(200);
  expect(succeeded.status).toBe('SUCCEEDED');
});
