import type { Json } from '../../../shared/domain/memory/turn.ts';

/** HTTP request. `path` is percent-encoded and includes the query. */
export interface HttpRequest {
  method: string;
  path: string;
  headers: { [name: string]: string };
  body?: string | Uint8Array;
}

export interface TextResponse {
  status: number;
  text: string;
}

/** Parsed JSON of a response; undefined if the text is no JSON. */
export const parseJson = ({ text }: TextResponse): Json | undefined => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

export type Send = (request: HttpRequest) => Promise<TextResponse>;

/**
 * JSON request with an API key.
 *
 * @param line method and path, such as `GET /v1/keys`
 */
export const jsonRequest = (key: string, line: string, body?: Json): HttpRequest => {
  const [method = '', path = ''] = line.split(' ');
  return {
    method,
    path,
    headers: { authorization: `Token ${key}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
};

const shownCharacters = 600;

const truncate = (text: string): string =>
  text.length <= shownCharacters
    ? text
    : `${text.slice(0, shownCharacters / 2)}...(${text.length} characters)...${text.slice(-80)}`;

/** Request in one line for messages: long parts truncated, credentials left out. */
export const describeRequest = ({ method, path, headers, body }: HttpRequest): string => {
  const visible = Object.entries(headers).filter(([name]) => name !== 'authorization');
  return JSON.stringify({
    method,
    path: truncate(path),
    headers: Object.fromEntries(visible.map(([name, value]) => [name, truncate(value)])),
    ...(body === undefined
      ? {}
      : { body: typeof body === 'string' ? truncate(body) : `${body.byteLength} bytes` }),
  });
};
