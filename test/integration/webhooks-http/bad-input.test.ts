import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWebhookService, type WebhookService } from '../../support/webhook-service.ts';

let service: WebhookService;
let id: string;
beforeAll(async () => {
  service = await openWebhookService();
  ({ id } = await service.register());
});
afterAll(() => service.close());

const good = { url: 'https://example.com/hooks', event_types: ['*'] };

const headers = (name: string, value = 'x') => ({ headers: { [name]: value } });

/** Refused settings, the field that the error names, and a part of its sentence. */
const refusals: [string, object, string, string | RegExp][] = [
  ['a URL that is none', { url: 'example.com' }, 'url', 'The URL must be an absolute URL'],
  ['a URL that is no text', { url: 7 }, 'url', 'url must be a string.'],
  ['an empty URL', { url: '' }, 'url', 'url must not be empty.'],
  ['plain http', { url: 'http://example.com/' }, 'url', 'must start with https://'],
  ['another protocol', { url: 'ftp://example.com/' }, 'url', 'must start with https://'],
  ['a password in the URL', { url: 'https://a:b@example.com/' }, 'url', 'user name or password'],
  ['another port', { url: 'https://example.com:8080/' }, 'url', 'port'],
  ['an IP address', { url: 'https://93.184.216.34/' }, 'url', 'not an IP address'],
  ['a private address', { url: 'https://10.0.0.1/' }, 'url', 'not an IP address'],
  ['a folded address', { url: 'https://0x7f.1/' }, 'url', 'not an IP address'],
  ['loopback on a port not allowed', { url: 'http://127.0.0.1:1/' }, 'url', 'not an IP address'],
  ['a name of this machine', { url: 'https://localhost/' }, 'url', 'public internet'],
  ['an endless URL', { url: `https://example.com/${'x'.repeat(2_048)}` }, 'url', '2048 characters'],
  ['event types that are no list', { event_types: '*' }, 'event_types', 'must be an array'],
  ['an event type that is no text', { event_types: [7] }, 'event_types[0]', 'must be a string'],
  ['an unknown event type', { event_types: ['memory_burn'] }, 'event_types', /memory_burn/],
  ['a name that is too long', { name: 'x'.repeat(201) }, 'name', 'at most 200 characters'],
  ['a long description', { description: 'x'.repeat(2_001) }, 'description', 'at most 2000'],
  ['headers that are a list', { headers: [] }, 'headers', 'headers must be an object.'],
  ['a header that is no text', { headers: { 'x-n': 1 } }, 'headers.x-n', 'must be a string'],
  ['a host header', headers('Host'), 'headers', 'The header Host cannot be set.'],
  ['a content header', headers('Content-Type'), 'headers', 'cannot be set'],
  ['a framing header', headers('Transfer-Encoding'), 'headers', 'cannot be set'],
  ['a connection header', headers('Connection'), 'headers', 'cannot be set'],
  ['a proxy header', headers('Proxy-Authorization'), 'headers', 'cannot be set'],
  ['a signature of its own', headers('Webhook-Signature'), 'headers', 'cannot be set'],
  ['a header in two lines', headers('x-a', 'a\r\nx-b: b'), 'headers', 'on one line'],
  ['a header name with a colon', headers('x:a'), 'headers', 'is not valid'],
  [
    'a filter by something else',
    { filters: { session_id: 's' } },
    'filters.session_id',
    'user_id, agent_id',
  ],
  ['an empty filter', { filters: { user_id: [] } }, 'filters.user_id', 'must not be empty'],
  ['a filter that is no id', { filters: { user_id: true } }, 'filters.user_id', 'must be an id'],
  ['no rate at all', { rate_limit: 0 }, 'rate_limit', 'rate'],
  ['a negative rate', { rate_limit: -1 }, 'rate_limit', 'rate'],
  ['a rate in words', { rate_limit: 'fast' }, 'rate_limit', 'rate_limit must be a number.'],
  ['none in flight', { max_in_flight: 0 }, 'max_in_flight', 'flight'],
  ['too many in flight', { max_in_flight: 65 }, 'max_in_flight', 'flight'],
  ['half a one in flight', { max_in_flight: 1.5 }, 'max_in_flight', 'flight'],
  ['an order in words', { ordered: 'yes' }, 'ordered', 'ordered must be true or false.'],
];

const oneSentence = /^[A-Z_a-z][^\n]*\.$/;

describe('making an endpoint', () => {
  it.each([
    ...refusals,
    ['no URL', { url: undefined }, 'url', 'url is required.'] as const,
    ['no event types', { event_types: undefined }, 'event_types', 'is required.'] as const,
    ['a short secret', { secret: 'whsec_AAAA' }, 'secret', 'secret'] as const,
    ['a secret of another alphabet', { secret: `whsec_${'-_'.repeat(22)}` }, 'secret', 'secret'],
    ['an unknown signature', { signing: 'v2' }, 'signing', 'must be one of "v1", "v1a"'] as const,
  ])(
    'creating an endpoint with %s is refused with the field',
    async (_, fields, field, sentence) => {
      const answer = await service.client('POST /v1/endpoints', { body: { ...good, ...fields } });

      expect(answer).toMatchObject({ status: 400, body: { field, code: expect.any(String) } });
      expect(answer.body.detail).toMatch(oneSentence);
      expect(answer.body.detail.toLowerCase()).toMatch(
        sentence instanceof RegExp ? sentence : sentence.toLowerCase(),
      );
    },
  );

  it('a refused endpoint is not created', async () => {
    expect((await service.client('GET /v1/endpoints')).body.count).toBe(1);
  });
});

describe('changing an endpoint', () => {
  it.each(refusals)(
    'changing an endpoint to %s is refused with the field',
    async (_, fields, field) => {
      const before = await service.client(`GET /v1/endpoints/${id}`);

      const answer = await service.client(`PATCH /v1/endpoints/${id}`, { body: fields });

      const after = await service.client(`GET /v1/endpoints/${id}`);
      expect(answer).toMatchObject({ status: 400, body: { field } });
      expect(answer.body.detail).toMatch(oneSentence);
      expect(after.body).toEqual(before.body);
    },
  );

  it('removing the URL of an endpoint is refused', async () => {
    const answer = await service.client(`PATCH /v1/endpoints/${id}`, { body: { url: null } });

    expect(answer).toMatchObject({ status: 400, body: { detail: 'url must be a string.' } });
  });
});

describe('the other routes', () => {
  it.each([
    ['secret/rotate', { overlap_seconds: -1 }, 'overlap_seconds'],
    ['secret/rotate', { overlap_seconds: 2_592_001 }, 'overlap_seconds'],
    ['secret/rotate', { overlap_seconds: 'a day' }, 'overlap_seconds'],
    ['secret/rotate', { secret: 'hunter2' }, 'secret'],
    ['recover', {}, 'since'],
    ['recover', { since: 'yesterday' }, 'since'],
    ['recover', { since: 1_700_000_000, until: 1_600_000_000 }, 'until'],
    ['recover', { since: 1_700_000_000, which: 'some' }, 'which'],
  ])('POST %s with %j is 400', async (route, body, field) => {
    const answer = await service.client(`POST /v1/endpoints/${id}/${route}`, { body });

    expect(answer).toMatchObject({ status: 400, body: { field } });
    expect(answer.body.detail).toMatch(oneSentence);
  });

  it.each([
    [`deliveries?status=lost`, 'status'],
    [`deliveries?since=soon`, 'since'],
    [`deliveries?limit=0`, 'limit'],
    [`deliveries?after=nonsense`, 'after'],
  ])('GET %s is 400', async (route, field) => {
    const answer = await service.client(`GET /v1/endpoints/${id}/${route}`);

    expect(answer).toMatchObject({ status: 400, body: { field } });
  });

  it.each(['after=nonsense', 'limit=x'])('GET notifications?%s is 400', async (query) => {
    expect((await service.client(`GET /v1/notifications?${query}`)).status).toBe(400);
  });

  it.each([
    'GET /v1/deliveries/nonsense',
    `GET /v1/deliveries/dlv_${'0'.repeat(32)}_${'0'.repeat(32)}`,
    `POST /v1/deliveries/dlv_${'0'.repeat(32)}_${'0'.repeat(32)}/resend`,
  ])('%s is 404', async (request) => {
    const answer = await service.client(request);

    expect(answer).toMatchObject({ status: 404, body: { detail: 'Delivery not found.' } });
  });

  it('an unknown recovery is 404', async () => {
    const route = `/v1/endpoints/${id}/recover/nonsense`;

    const answers = [
      await service.client(`GET ${route}`),
      await service.client(`POST ${route}/cancel`),
    ];

    for (const { status, body } of answers)
      expect([status, body.detail]).toEqual([404, 'Recovery not found.']);
  });
});
