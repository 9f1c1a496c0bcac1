import { expect, it, vi } from 'vitest';
import { RetryableError } from '../../shared/domain/errors.ts';
import { eventStagesContract } from '../contract/event-stages.contract.ts';
import { finalEvent, openService, say } from '../support/in-memory-service.ts';
import { openWebhookService } from '../support/webhook-service.ts';

eventStagesContract('SQLite', openWebhookService, true);

it('an event waits for the index until the index shows its memory', async () => {
  const service = await openService();
  const { client, platform } = service;
  const index = vi
    .spyOn(platform.vectorIndex, 'areVisible')
    .mockImplementation(async (_, entries) => entries.map(() => false));
  const { body } = await client('POST /v1/turns', { body: say('I like tea') });
  await finalEvent(client, body.event_id);
  await expect.poll(() => index.mock.calls.length).toBeGreaterThan(0);

  const answer = await client(`GET /v1/events/${body.event_id}?stages=true`);

  await service.close();
  expect(answer.body.stages.indexed).toEqual({
    state: 'waiting',
    at: null,
    memories: 1,
    waiting: 1,
  });
  expect(answer.body.stages.applied.state).toBe('done');
});

it('stages are answered while the index cannot be reached', async () => {
  const service = await openService();
  const { client, platform } = service;
  const down = new RetryableError('index_unavailable', 'The index cannot be reached.');
  vi.spyOn(platform.vectorIndex, 'areVisible').mockRejectedValue(down);
  vi.spyOn(platform.vectorIndex, 'upsert').mockRejectedValue(down);
  const { body } = await client('POST /v1/turns', { body: say('I like tea') });
  await finalEvent(client, body.event_id);

  const answer = await client(`GET /v1/events/${body.event_id}?stages=true`);

  await service.close();
  expect(answer.status).toBe(200);
  expect(answer.body.stages.indexed).toMatchObject({ state: 'waiting', waiting: 1 });
});

it('a bad value of the parameter is refused by its name', async () => {
  const service = await openService();
  const { body } = await service.client('POST /v1/turns', { body: say('I like tea') });
  await finalEvent(service.client, body.event_id);

  const refused = await service.client(`GET /v1/events/${body.event_id}?stages=some`);

  await service.close();
  expect(refused.status).toBe(400);
  expect(JSON.stringify(refused.body)).toContain('stages must be true or false');
});

it('a key that may only write gets no stages', async () => {
  const service = await openService();
  const { body } = await service.client('POST /v1/turns', { body: say('I like tea') });
  const writer = await service.clientOf('default', ['write']);

  const receipt = await writer(`GET /v1/events/${body.event_id}?stages=true`);

  await service.close();
  expect(receipt.body).not.toHaveProperty('stages');
});
