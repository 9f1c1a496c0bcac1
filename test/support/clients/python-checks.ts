import { expect } from 'vitest';
import * as z from 'zod';
import { type Check, newId, until } from './check.ts';
import exchanges from './python/requests.json' with { type: 'json' };

/** Sends a request such as `GET /v1/ping/` with a JSON body, and returns the status and the JSON of the answer. */
export type SendRaw = (
  request: string,
  body: unknown,
  headers: { [name: string]: string },
) => Promise<{ status: number; body: unknown }>;

const Exchange = z.object({
  request: z.string(),
  headers: z.record(z.string(), z.string()).optional(),
  body: z.unknown().optional(),
  status: z.int(),
  /** Part of the answer. */
  answer: z.unknown().optional(),
  /** Path into the answer of each name to save. */
  save: z.record(z.string(), z.string()).optional(),
  /** Sends the request again while the answer is 409, since an export takes a moment. */
  retry409: z.boolean().optional(),
});
type Exchange = z.output<typeof Exchange>;
const Methods = z.array(
  z.object({ method: z.string(), route: z.string(), exchanges: z.array(Exchange) }),
);

const httpxHeaders = {
  accept: '*/*',
  'accept-encoding': 'gzip, deflate',
  'user-agent': 'python-httpx/0.28.1',
  'mem0-user-id': '0123456789abcdef0123456789abcdef',
};

type Values = { [name: string]: string };

const anyOf: { readonly [name: string]: unknown } = {
  '<string>': expect.any(String),
  '<number>': expect.any(Number),
  '<list>': expect.any(Array),
  '<object>': expect.any(Object),
};

/** Replaces `{name}` in all texts. */
const fill = (value: unknown, values: Values): unknown =>
  JSON.parse(
    JSON.stringify(value).replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole),
  );

/** Replaces `"<string>"` and the like by matchers. */
const withMatchers = (value: unknown): unknown => {
  if (typeof value === 'string') return anyOf[value] ?? value;
  if (Array.isArray(value)) return value.map(withMatchers);
  if (typeof value !== 'object' || value === null) return value;
  return expect.objectContaining(
    Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withMatchers(inner)])),
  );
};

/** Value at a path such as `results.0.id`. */
const at = (value: unknown, path: string): string =>
  path
    .split('.')
    .reduce((inner: unknown, key) => Object(inner)[key], value)
    ?.toString() ?? '';

const play = async (send: SendRaw, exchange: Exchange, values: Values): Promise<void> => {
  const request = String(fill(exchange.request, values));
  const body = exchange.body === undefined ? undefined : fill(exchange.body, values);
  const ask = () => send(request, body, { ...httpxHeaders, ...exchange.headers });
  const got = exchange.retry409 ? await until(ask, ({ status }) => status !== 409) : await ask();

  expect(got.status, `${request} ${JSON.stringify(got.body)}`).toBe(exchange.status);
  if (exchange.answer !== undefined)
    expect(got.body).toEqual(withMatchers(fill(exchange.answer, values)));
  for (const [name, path] of Object.entries(exchange.save ?? {})) values[name] = at(got.body, path);
};

/** Methods of the Python client, each as the requests that it sends. */
export const pythonChecks: readonly Check<SendRaw>[] = Methods.parse(exchanges).map(
  ({ method, route, exchanges: sequence }) => ({
    method,
    route,
    async run(send, { receiverUrl }) {
      const ping = await send('GET /v1/ping/', undefined, httpxHeaders);
      const [org, project] = [at(ping.body, 'org_id'), at(ping.body, 'project_id')];
      const values = { user: newId('ana'), org, project, receiver: receiverUrl };

      for (const exchange of sequence) await play(send, exchange, values);
    },
  }),
);

/** Sends over HTTP with the key, as httpx does. */
export const sendRawTo =
  ({ url, apiKey }: { url: string; apiKey: string }): SendRaw =>
  async (request, body, headers) => {
    const [method = '', path = ''] = request.split(' ');
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Token ${apiKey}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() };
  };
