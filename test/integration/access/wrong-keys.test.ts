import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { callerAddress } from '../../../functions/api/access/caller-address.ts';
import { createAuthenticator } from '../../../shared/core/projects/api-keys.ts';
import { openService, type TestService } from '../../support/in-memory-service.ts';
import { interceptStore } from '../../support/intercepted-store.ts';
import { createManualClock } from '../../support/manual-clock.ts';

let service: TestService;
let clock: ReturnType<typeof createManualClock>;
let lookUps: number;

beforeEach(async () => {
  clock = createManualClock();
  lookUps = 0;
  service = await openService({
    refines: false,
    clock,
    access: (platform) => {
      const before = () => {
        lookUps += 1;
      };
      return {
        authenticate: createAuthenticator({
          ...platform,
          store: interceptStore(platform.store, { before }),
        }),
        wrongKeysPerMinute: 5,
        // Trusts a single proxy, so that a test chooses its client address.
        addressOf: (c) => callerAddress('10.0.0.1', c.req.header('x-forwarded-for'), 1),
      };
    },
  });
});
afterEach(() => service.close());

const wrongKey = (n: number): string => `ts_${String(n).padStart(16, '0')}_${'0'.repeat(64)}`;

const call = (key: string, from = '192.0.2.1') =>
  service.send('GET /v1/ping/', {
    headers: { authorization: `Token ${key}`, 'x-forwarded-for': from },
  });

const guess = async (times: number, from?: string): Promise<number[]> => {
  const statuses: number[] = [];
  for (let n = 0; n < times; n++) statuses.push((await call(wrongKey(n), from)).status);
  return statuses;
};

describe('wrong keys', () => {
  it('beyond the limit of wrong keys per minute an address is rejected without a read of the store', async () => {
    const statuses = await guess(100);

    const refused = await call(wrongKey(0));

    expect(statuses.slice(0, 6)).toEqual([401, 401, 401, 401, 401, 429]);
    expect(lookUps).toBe(5);
    expect(refused).toMatchObject({
      status: 429,
      body: {
        code: 'rate_limited',
        message: 'Too many invalid API keys from this address: wait 12 s.',
      },
    });
    expect(refused.headers.get('retry-after')).toBe('12');
  });

  it('an address with too many wrong keys is served again after a while', async () => {
    await guess(6);

    await clock.advance(12_000);

    expect(await guess(2)).toEqual([401, 429]);
  });

  it('wrong keys of one address do not limit another address', async () => {
    await guess(6);

    expect(await guess(1, '192.0.2.2')).toEqual([401]);
  });

  it('wrong keys from one IPv6 network are counted together', async () => {
    for (let n = 0; n < 5; n++) await call(wrongKey(n), `2001:db8:0:1::${n}`);

    expect((await call(wrongKey(9), '2001:db8:0:1:ffff::1')).status).toBe(429);
    expect((await call(wrongKey(9), '2001:db8:0:2::1')).status).toBe(401);
  });

  it('repeats of the same wrong key are counted too', async () => {
    for (let n = 0; n < 5; n++) await call(wrongKey(1));

    expect((await call(wrongKey(1))).status).toBe(429);
  });

  it('a key that was valid before is accepted from an address with too many wrong keys', async () => {
    const key = await service.keyOf();
    await call(key, '192.0.2.7');

    await guess(50);
    const atOnce = await call(key);
    await clock.advance(31_000);
    await guess(50);
    const lookedUpAgain = await call(key);

    expect([atOnce.status, lookedUpAgain.status]).toEqual([200, 200]);
  });

  it('wrong keys are not counted when the address is unknown or no limit is set', async () => {
    const open = await openService({ refines: false });
    const statuses: number[] = [];
    for (let n = 0; n < 20; n++)
      statuses.push(
        (
          await open.send('GET /v1/ping/', {
            headers: { authorization: `Token ${wrongKey(n)}` },
          })
        ).status,
      );
    await open.close();

    expect(new Set(statuses)).toEqual(new Set([401]));
  });
});
