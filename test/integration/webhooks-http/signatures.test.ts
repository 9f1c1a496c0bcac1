import { createPublicKey, verify } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { say } from '../../support/in-memory-service.ts';
import { isRefused, verified } from '../../support/verify-webhook.ts';
import { idOf, type Received } from '../../support/webhook-receiver.ts';
import { openWebhookService, settled, type WebhookService } from '../../support/webhook-service.ts';

let service: WebhookService;
beforeEach(async () => {
  service = await openWebhookService();
});
afterEach(() => service.close());

const add = (text: string, metadata: object = {}) =>
  service.client('POST /v1/turns', { body: { ...say(text), metadata } });

const first = async (type: string): Promise<Received> => {
  const [received] = await service.receiver.arrive(1, type);
  if (!received) throw new Error('nothing came');
  return received;
};

const signaturesOf = ({ headers }: Received): string[] =>
  String(headers['webhook-signature']).split(' ');

describe('independent receivers', () => {
  it.each([
    ['Latin letters', 'I like tea'],
    ['Unicode', 'Я живу в Токио 東京に住んでいます، أحب الشاي'],
    ['emoji', 'My flag is 🏴󠁧󠁢󠁳󠁣󠁴󠁿, my family 👨‍👩‍👧‍👦, my mood 😀'],
    ['combining marks and signs of direction', 'e\u0301 \u202Eabc\u202C \u2028 \u2029 \uFEFF end'],
    ['quotes and backslashes', '"\\" </script> \\u0041 \t \n end'],
    ['half a character', 'broken \uD83D here'],
  ])('three independent receivers verify the raw bytes of %s', async (_, text) => {
    const { secret } = await service.register({ event_types: ['memory_add'] });

    await add(text, { note: text, nested: { [text.slice(0, 5)]: [text] } });
    const payload = verified(secret, await first('memory_add'));

    expect(payload.data.new_text).toBe(`Learnt: ${text.toWellFormed()}`);
    expect(payload.data.metadata.note).toBe(text.toWellFormed());
  });

  it('independent receivers verify a body with a text that was truncated, marked, and can be fetched', async () => {
    const { secret } = await service.register({ event_types: ['memory_add', 'memory_update'] });
    const text = '😀 tea and 東京. '.repeat(2_000).trim();

    await add('tea');
    const { data } = verified(secret, await first('memory_add'));
    await service.client(`PUT /v1/memories/${data.memory_id}/`, { body: { text } });
    const received = await first('memory_update');
    const payload = verified(secret, received);
    const memory = await service.client(`GET /v1/memories/${payload.data.memory_id}/`);

    expect(received.body.length).toBeLessThan(20_000);
    expect(payload.data.truncated).toEqual(['new_text']);
    expect(payload.data.new_text.endsWith('…')).toBe(true);
    expect(text.startsWith(payload.data.new_text.slice(0, 3_000))).toBe(true);
    expect(payload.data.old_text).toBe('Learnt: tea');
    expect(payload.data.new_text.isWellFormed()).toBe(true);
    expect(memory.body.memory).toBe(text);
  });
});

it('a v1a endpoint is verified with its public key alone', async () => {
  const { public_key: shown } = await service.register({
    event_types: ['memory_add'],
    signing: 'v1a',
  });
  await add('I like tea 😀');
  const payload = await first('memory_add');

  const x = Buffer.from(shown.slice('whpk_'.length), 'base64').toString('base64url');
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  const head = `${idOf(payload)}.${payload.headers['webhook-timestamp']}.`;
  const [version, signature = ''] = signaturesOf(payload)[0]?.split(',') ?? [];
  const signed = Buffer.concat([Buffer.from(head), payload.body]);

  expect(version).toBe('v1a');
  expect(verify(null, signed, key, Buffer.from(signature, 'base64'))).toBe(true);
});

describe('they refuse', () => {
  it('independent receivers refuse a body, an id, a time or a secret that was not signed', async () => {
    const { id, secret } = await service.register({ event_types: ['memory_add'] });
    const other = (await service.register({ event_types: ['event.failed'] })).secret;
    await add('I like tea');
    const real = await first('memory_add');
    await settled(service.client, id);
    const forge = (headers: object, body = real.body): Received => ({
      ...real,
      headers: { ...real.headers, ...headers },
      body,
    });

    const forged = [
      forge({}, Buffer.concat([real.body, Buffer.from(' ')])),
      forge({ 'webhook-id': `${idOf(real)}0` }),
      forge({ 'webhook-timestamp': String(Number(real.headers['webhook-timestamp']) - 1) }),
      forge({ 'webhook-signature': 'v1,AAAA' }),
    ];

    expect(forged.map((each) => isRefused(secret, each))).toEqual([true, true, true, true]);
    expect(isRefused(other, real)).toBe(true);
    expect(isRefused(secret, real)).toBe(false);
  });
});

describe('a rotation', () => {
  it('both secrets verify during the overlap of a rotation, the newest first', async () => {
    const { id, secret: old } = await service.register({ event_types: ['event.pending'] });
    const { secret } = (await service.client(`POST /v1/endpoints/${id}/secret/rotate`)).body;

    await add('I like tea');
    const payload = await first('event.pending');

    verified(secret, payload);
    verified(old, payload);
    expect(signaturesOf(payload)).toHaveLength(2);
    const newest = { ...payload, headers: { ...payload.headers } };
    newest.headers['webhook-signature'] = signaturesOf(payload)[0] ?? '';
    expect([isRefused(secret, newest), isRefused(old, newest)]).toEqual([false, true]);
  });

  it('after a rotation without overlap the old secret does not verify', async () => {
    const { id, secret: old } = await service.register({ event_types: ['event.pending'] });
    const body = { overlap_seconds: 0 };
    const rotated = await service.client(`POST /v1/endpoints/${id}/secret/rotate`, { body });

    await add('I like tea');
    const payload = await first('event.pending');

    verified(rotated.body.secret, payload);
    expect(isRefused(old, payload)).toBe(true);
    expect(signaturesOf(payload)).toHaveLength(1);
  });

  it('a rotation between retries signs the next attempt with the new secret, under the same id', async () => {
    const { receiver, client } = service;
    const { id, secret: old } = await service.register({ event_types: ['event.pending'] });
    receiver.next({ status: 500 });
    await add('I like tea');
    const before = await first('event.pending');

    const body = { overlap_seconds: 0 };
    const { secret } = (await client(`POST /v1/endpoints/${id}/secret/rotate`, { body })).body;
    const [, after] = await receiver.arrive(2);

    verified(old, before);
    expect(after && verified(secret, after)).toEqual(JSON.parse(before.body.toString()));
    expect(after && isRefused(old, after)).toBe(true);
    expect(after && idOf(after)).toBe(idOf(before));
    expect(after?.body.equals(before.body)).toBe(true);
  });
});
