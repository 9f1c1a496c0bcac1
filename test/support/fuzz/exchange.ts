import type { Json } from '../../../shared/domain/memory/turn.ts';

/** A request as it goes out. `path` is percent-encoded and has its query. */
export interface Outgoing {
  method: string;
  path: string;
  headers: { [name: string]: string };
  body?: string | Uint8Array;
}

export interface Answered {
  status: number;
  text: string;
}

/** What an answer holds; undefined when it is no JSON. */
export const jsonOf = ({ text }: Answered): Json | undefined => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

export type Send = (request: Outgoing) => Promise<Answered>;

/** A JSON request of the holder of `key`. */
export const jsonRequest = (key: string, line: string, body?: Json): Outgoing => {
  const [method = '', path = ''] = line.split(' ');
  return {
    method,
    path,
    headers: { authorization: `Token ${key}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
};

const shownCharacters = 600;

const shortened = (text: string): string =>
  text.length <= shownCharacters
    ? text
    : `${text.slice(0, shownCharacters / 2)}...(${text.length} characters)...${text.slice(-80)}`;

/** A request in one line, long parts cut short. */
export const shown = ({ method, path, headers, body }: Outgoing): string => {
  const told = Object.entries(headers).filter(([name]) => name !== 'authorization');
  return JSON.stringify({
    method,
    path: shortened(path),
    headers: Object.fromEntries(told.map(([name, value]) => [name, shortened(value)])),
    ...(body === undefined
      ? {}
      : { body: typeof body === 'string' ? shortened(body) : `${body.byteLength} bytes` }),
  });
};
