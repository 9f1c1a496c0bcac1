import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventTypes } from '../../../shared/domain/webhooks/event-types.ts';
import { say } from '../../support/in-memory-service.ts';
import { servedDocument } from '../../support/openapi/document.ts';
import { createSchemaCheck } from '../../support/openapi/schema-check.ts';
import { type Planted, plant } from '../../support/planted-service.ts';
import { payloadOf, typeOf } from '../../support/webhook-receiver.ts';

const document = servedDocument();
const check = createSchemaCheck(document);

let service: Planted;
beforeAll(async () => {
  service = await plant();
});
afterAll(() => service.close());

/** Makes every type of notification that the planted data has not made. */
const notifyOfAll = async (): Promise<void> => {
  const { client, receiver, register } = service;
  const { id } = await register();
  const body = { ...say('I like tea.', 'ana'), infer: false, metadata: { a: { b: [1] } } };
  const added = await client('POST /v3/memories/add', { body });
  const memory = added.body.results[0].id;
  await client(`PUT /v1/memories/${memory}`, { body: { text: 'I like coffee.'.repeat(1_500) } });
  await receiver.arrive(1, 'memory_update');
  await client(`DELETE /v1/memories/${memory}`);
  await client('POST /v1/turns', { body: say('FAIL', 'ben') });
  await client('POST /v1/turns', { body: { ...say('FAIL', 'eve'), auto_process: false } });
  await client('POST /v1/users/eve/process');
  await client('POST /v1/users/nobody/process');
  await client(`POST /v1/endpoints/${id}/test`);
  await receiver.arrive(1, 'memory_delete');
  await receiver.arrive(1, 'event.failed');
  await receiver.arrive(1, 'task.failed');
  await receiver.arrive(1, 'task.succeeded');
  await receiver.arrive(1, 'endpoint.test');
};

describe('the webhooks of the document', () => {
  it('each event type of an endpoint is a webhook of the document', () => {
    expect(Object.keys(document.webhooks).toSorted()).toEqual(
      [...eventTypes, 'endpoint.test'].toSorted(),
    );
  });

  it('each notification that is sent has the documented form', async () => {
    await notifyOfAll();

    const { received } = service.receiver;
    const errors = received.flatMap((one) =>
      check
        .errors(
          ['webhooks', typeOf(one), 'post', 'requestBody', 'content', 'application/json', 'schema'],
          payloadOf(one),
        )
        .map((error) => `${typeOf(one)}: ${error}`),
    );

    expect(errors).toEqual([]);
    expect([...new Set(received.map(typeOf))].toSorted()).toEqual(
      Object.keys(document.webhooks).toSorted(),
    );
  });
});
