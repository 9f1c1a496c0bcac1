import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllowlistEntry } from '../../shared/domain/webhooks/allowlist.ts';
import { openService, say, type TestService } from '../support/in-memory-service.ts';

let service: TestService;
beforeAll(async () => {
  const receiver = parseAllowlistEntry('127.0.0.1:9');
  service = await openService({ webhookAllow: receiver ? [receiver] : [] });
});
afterAll(() => service.close());

const warning = (name: string) => `${name} is not a field of this request: it had no effect.`;

describe('a field that a native route does not have', () => {
  it('an add names it and remembers the turn', async () => {
    const { status, body } = await service.client('POST /v1/turns', {
      body: { ...say('I like tea.'), topk: 3, userId: 'x' },
    });

    expect(status).toBe(202);
    expect(body.warnings).toEqual([warning('topk'), warning('userId')]);
  });

  it('the final event of a synchronous add names it', async () => {
    const { status, body } = await service.client('POST /v1/turns', {
      body: { ...say('I like tea.', 'bo'), async: false, wait: 1 },
    });

    expect([status, body.status]).toEqual([200, 'SUCCEEDED']);
    expect(body.warnings).toEqual([warning('wait')]);
  });

  it('a new and a changed endpoint name it', async () => {
    const body = { url: 'http://127.0.0.1:9/hook', event_types: ['memory_*'], events: ['x'] };

    const created = await service.client('POST /v1/endpoints', { body });
    const changed = await service.client(`PATCH /v1/endpoints/${created.body.id}`, {
      body: { description: 'mine', active: true },
    });

    expect([created.status, changed.status]).toEqual([201, 200]);
    expect(created.body.warnings).toEqual([warning('events')]);
    expect(changed.body.warnings).toEqual([warning('active')]);
  });

  it('a new key names it', async () => {
    const admin = await service.clientOf('default', ['admin', 'read']);

    const { status, body } = await admin('POST /v1/keys', {
      body: { permissions: ['read'], expires: 'never' },
    });

    expect([status, body.warnings]).toEqual([201, [warning('expires')]]);
  });

  it('ten are named at most, none with more than 64 characters', async () => {
    const more = Object.fromEntries(
      Array.from({ length: 100 }, (_, i) => [`${'x'.repeat(100)}${i}`, 1]),
    );

    const { body } = await service.client('POST /v1/turns', { body: { ...say('Hi'), ...more } });

    expect(body.warnings).toHaveLength(10);
    expect(body.warnings[0]).toBe(warning('x'.repeat(64)));
  });

  it('a request without one has no warnings', async () => {
    const { body } = await service.client('POST /v1/turns', { body: say('I like tea.', 'eva') });

    expect(body).not.toHaveProperty('warnings');
  });
});
