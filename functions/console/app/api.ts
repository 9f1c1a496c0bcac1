import { computed, signal } from '@preact/signals';

export type Permission = 'read' | 'write' | 'admin';

interface Session {
  key: string;
  project: string;
  organization: string;
  permissions: readonly Permission[];
}

/** Refusal of the API, or a request that did not reach it. */
class ApiError extends Error {
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}

/** Name in `sessionStorage`, which a browser clears when its tab is closed. */
const storedKey = 'turnstone.key';

export const session = signal<Session | undefined>(undefined);
/** Why the last session ended, if the API ended it. */
export const signedOutBecause = signal('');

export const may = (permission: Permission): boolean =>
  session.value?.permissions.includes(permission) ?? false;
export const mayWrite = computed(() => may('write'));

export const signOut = (reason = ''): void => {
  sessionStorage.removeItem(storedKey);
  signedOutBecause.value = reason;
  session.value = undefined;
};

const sentenceOf = (body: unknown, status: number): ApiError => {
  const { detail, code } = Object(body);
  const message = typeof detail === 'string' ? detail : `The service answered ${status}.`;
  return new ApiError(message, typeof code === 'string' ? code : `status_${status}`);
};

const bodyOf = async (response: Response) => {
  try {
    return await response.json();
  } catch {
    return undefined;
  }
};

const send = async (key: string, call: string, body: object | undefined): Promise<Response> => {
  const [method = 'GET', path = '/'] = call.split(' ');
  const headers = { authorization: `Token ${key}`, 'content-type': 'application/json' };
  const init: RequestInit = { method, headers };
  if (body) init.body = JSON.stringify(body);
  try {
    return await fetch(path, init);
  } catch {
    throw new ApiError('The service cannot be reached.', 'unreachable');
  }
};

/** Sends a request such as `GET /v1/ping`. A key that is no longer valid ends the session. */
export const request = async <Answer>(call: string, body?: object): Promise<Answer> => {
  const key = session.value?.key ?? '';
  const response = await send(key, call, body);
  const answer = await bodyOf(response);
  if (response.ok) return answer;
  const error = sentenceOf(answer, response.status);
  if (response.status === 401 && key === session.value?.key) signOut(error.message);
  throw error;
};

interface Ping {
  project_id: string;
  org_id: string;
  permissions: Permission[];
}

/** Checks a key and begins a session with its permissions. */
export const signIn = async (key: string): Promise<void> => {
  const response = await send(key, 'GET /v1/ping', undefined);
  const answer = await bodyOf(response);
  if (!response.ok) throw sentenceOf(answer, response.status);
  const { project_id: project, org_id: organization, permissions }: Ping = answer;
  sessionStorage.setItem(storedKey, key);
  signedOutBecause.value = '';
  session.value = { key, project, organization, permissions };
};

/** Continues the session of this tab, after the page was loaded again. */
export const restoreSession = async (): Promise<void> => {
  const key = sessionStorage.getItem(storedKey);
  if (key === null) return;
  await signIn(key).catch((error: unknown) =>
    signOut(error instanceof Error ? error.message : String(error)),
  );
};

/** Query string of the parameters that have a value. */
export const queryOf = (parameters: { [name: string]: string | number | undefined }): string => {
  const given = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, String(value)]],
  );
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
};

/** Frame of the stream of events. */
export interface StreamFrame {
  id: string;
  /** Name of the event; empty for a comment. */
  event: string;
  data: string;
}

const frameOf = (text: string): StreamFrame => {
  const fieldOf = (name: string): string =>
    text
      .split('\n')
      .find((row) => row.startsWith(`${name}: `))
      ?.slice(name.length + 2) ?? '';
  return { id: fieldOf('id'), event: fieldOf('event'), data: fieldOf('data') };
};

async function* framesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamFrame> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const frames = (rest + decoder.decode(value, { stream: true })).split('\n\n');
      rest = frames.pop() ?? '';
      yield* frames.map(frameOf);
    }
  } catch {
    // The connection broke or was closed; the caller opens the next stream.
  }
}

/**
 * Opens the stream of events, which a browser's own client of such streams cannot: it sends no key.
 * @param after id of the last frame of an earlier stream
 * @returns `refused` where the service has no stream, or none for this key now
 */
export const openStream = async (
  after: string | undefined,
  signal: AbortSignal,
): Promise<AsyncGenerator<StreamFrame> | 'refused' | 'unreachable'> => {
  const headers: { [name: string]: string } = {
    authorization: `Token ${session.value?.key ?? ''}`,
    ...(after === undefined ? {} : { 'last-event-id': after }),
  };
  try {
    const response = await fetch('/v1/events/stream', { headers, signal });
    return response.ok && response.body ? framesOf(response.body) : 'refused';
  } catch {
    return 'unreachable';
  }
};
