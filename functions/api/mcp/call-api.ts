/** A response of the HTTP API. */
export interface ApiAnswer {
  status: number;
  body: { [field: string]: unknown };
}

/** Sends one request to the HTTP API with the key of the caller. */
export type CallApi = (
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: object,
) => Promise<ApiAnswer>;

export const scopeFields = ['user_id', 'agent_id', 'app_id', 'run_id'] as const;

/** Ids that every tool is confined to, by the names of the HTTP API. Any other id is an argument of the tools. */
export type Scope = { readonly [field in (typeof scopeFields)[number]]?: string };

/** An error response of the HTTP API. */
export class ApiError extends Error {
  readonly code: string;

  constructor({ status, body }: ApiAnswer) {
    const { message, code } = body;
    super(
      typeof message === 'string'
        ? message
        : `The service answered with the HTTP status ${status}.`,
    );
    this.name = 'ApiError';
    this.code = typeof code === 'string' ? code : 'internal';
  }
}

/** The fields of a JSON object; none of any other text, such as the page of a proxy. */
const parseBody = (text: string): ApiAnswer['body'] => {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
};

/**
 * Creates the calls of one caller.
 * @param send sends a request to the API, in this process or to another host
 * @param baseUrl scheme and host; a path is added
 * @param signal ends the calls, and what these wait for, with the request that they serve
 * @throws ApiError by each call, for a response that is no success
 */
export const createCallApi =
  (
    send: (request: Request) => Response | Promise<Response>,
    baseUrl: string,
    headers: { readonly [name: string]: string },
    signal?: AbortSignal,
  ): CallApi =>
  async (method, path, body) => {
    const response = await send(
      new Request(`${baseUrl}${path}`, {
        method,
        headers: { ...headers, ...(body && { 'Content-Type': 'application/json' }) },
        ...(body && { body: JSON.stringify(body) }),
        ...(signal && { signal }),
      }),
    );
    const text = await response.text();
    const answer = { status: response.status, body: parseBody(text) };
    const isJson = text === '' || /^\s*[[{]/.test(text);
    if (!response.ok || !isJson) throw new ApiError(answer);
    return answer;
  };
