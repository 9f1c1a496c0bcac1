import type { Client } from './in-memory-service.ts';

/** Calls a service in another process. */
export const httpClient =
  (url: string, key: string): Client =>
  async (request, { body, headers = {} } = {}) => {
    const [method = '', path = ''] = request.split(' ');
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Token ${key}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return {
      status: response.status,
      headers: response.headers,
      body: JSON.parse(await response.text()),
    };
  };
