import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { limits } from '../../functions/api/http/limits.ts';
import { cpuOf } from '../support/cpu-of.ts';
import { type Client, openService, type TestService } from '../support/in-memory-service.ts';

let service: TestService;
let client: Client;
beforeAll(async () => {
  service = await openService({ refines: false });
  client = service.client;
});
afterAll(() => service.close());

/** Repeats a piece up to the given length. */
const filled = (length: number, start: string, piece: string, end: string): string =>
  start + piece.repeat(Math.floor((length - start.length - end.length) / piece.length)) + end;

const message = (rest: string) => `{"user_id":"a","messages":[{"role":"user","content":${rest}}]}`;
const part = (text: string) => `{"type":"text","text":"${text}"},`;
/** Bodies of few values, so that no limit on values stops the parsing early. */
const long = 'x'.repeat(200);
const keys = (length: number): string => {
  const pairs = Array.from({ length: Math.floor(length / 215) }, (_, n) => `"${long}${n}":0`);
  return `{"user_id":"a","metadata":{${pairs.join()}}}`;
};

/** Bodies, and whether they are rejected for their number of values before parsing. */
const hostile: readonly [string, (length: number) => string, boolean][] = [
  ['zeros', (length) => filled(length, '[', '0,', '0]'), true],
  [
    'content parts',
    (length) =>
      filled(length, message('[').slice(0, -3), part('tea'), `${part('x').slice(0, -1)}]}]}`),
    true,
  ],
  [
    'long content parts',
    (length) =>
      filled(length, message('[').slice(0, -3), part(long), `${part('x').slice(0, -1)}]}]}`),
    true,
  ],
  [
    'image links',
    (length) =>
      filled(
        length,
        message('[').slice(0, -3),
        `{"type":"image_url","image_url":"https://a.test/${long}"},`,
        '{"type":"image_url","image_url":"data:,x"}]}]}',
      ),
    true,
  ],
  ['long keys', keys, false],
  ['one text', (length) => message(`"${'x'.repeat(length - 60)}"`), false],
  ['escaped characters', (length) => message(`"${'\\n'.repeat((length - 60) / 2)}"`), false],
];

describe.each(['/v1/turns', '/v3/memories/add', '/v1/memories'])('POST %s', (path) => {
  it.each(hostile)(
    'an add with attachments of %s is rejected within 100 ms of CPU',
    async (_, bodyOf, hasMany) => {
      const body = bodyOf(limits.attachedBodyBytes - 100);

      const { answer, ms } = await cpuOf(() => client(`POST ${path}`, { body }));

      expect(body.length).toBeGreaterThan(limits.attachedBodyBytes * 0.9);
      expect([answer.status, answer.body.code]).toEqual(
        hasMany ? [400, 'invalid_request'] : [413, 'body_too_large'],
      );
      expect(ms).toBeLessThan(100);
    },
  );
});

describe.each([
  'POST /v1/turns',
  'POST /v3/memories/add',
  'POST /v3/memories/search',
  'POST /v3/memories',
  'PUT /v1/batch',
  'POST /v1/endpoints',
])('%s', (request) => {
  it.each(hostile)(
    'a body of ten megabytes of %s is rejected within 50 ms of CPU',
    async (_, bodyOf) => {
      const body = bodyOf(10_000_000);
      const headers = { 'content-length': `${body.length}` };

      const declared = await cpuOf(() => client(request, { body, headers }));
      const counted = await cpuOf(() => client(request, { body }));

      for (const { answer, ms } of [declared, counted]) {
        expect(answer).toMatchObject({ status: 413, body: { code: 'body_too_large' } });
        expect(ms).toBeLessThan(50);
      }
    },
  );
});

describe('a service with a lower limit for attachments, as on AWS', () => {
  it('a service with a smaller limit for attachments, as on AWS, rejects larger bodies only', async () => {
    const [max, length] = [4.5 * 1_048_576, 4_600_000];
    const small = await openService({
      refines: false,
      access: () => ({ attachedBodyBytes: max }),
    });
    const image = (bytes: number) => ({
      user_id: 'a',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'My cat.' },
            { type: 'image_url', image_url: `data:,${'A'.repeat(bytes)}` },
          ],
        },
      ],
    });

    const [larger, read, elsewhere] = [
      await small.client('POST /v1/turns', { body: image(max) }),
      await small.client('POST /v1/turns', { body: image(length) }),
      await client('POST /v1/turns', { body: image(max) }),
    ];
    await small.close();

    const detail = 'The body is larger than 4.5 MB.';
    expect(larger).toMatchObject({ status: 413, body: { code: 'body_too_large', detail } });
    for (const answer of [read, elsewhere]) expect(answer.status).toBe(202);
  });
});
