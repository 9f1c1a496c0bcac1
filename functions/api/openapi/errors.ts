import { ErrorBody } from '../http/answers.openapi.ts';
import type { DeclaredRoute } from '../http/routes.ts';
import type { Components, Node } from './components.ts';
import type { Description } from './describe.ts';

const meanings: { readonly [status: string]: string } = {
  400: 'The request is invalid.',
  401: 'The API key is missing or invalid.',
  403: 'The API key lacks the permission.',
  404: 'There is no such resource.',
  409: 'The state of the resource does not allow the request.',
  413: 'The body is too large.',
  414: 'The path and its query string are too long.',
  422: 'The model cannot read this.',
  429: 'Too many requests: retry after `Retry-After` seconds.',
  500: 'A bug; the log has it under the request id.',
  503: 'The store or the index cannot be reached: retry after `Retry-After` seconds.',
};

const bodyCodes = ['invalid_json', 'body_interrupted'];

/** Codes that follow from the declaration of a route, by status. */
const impliedCodes = ({ options }: DeclaredRoute): { [status: string]: string[] } => {
  const { permission, work, body, query, pages } = options;
  const isPublic = permission === 'public';
  const isLarge = work === 'list' || work === 'search';
  return {
    400: [
      'too_many_parameters',
      ...(body || query || pages ? ['invalid_request'] : []),
      ...(body ? bodyCodes : []),
      ...(isLarge ? ['answer_too_large'] : []),
      ...(work === 'add' ? ['sensitive_value'] : []),
    ],
    401: isPublic ? [] : ['unauthorized'],
    403: isPublic || permission === undefined ? [] : ['forbidden'],
    404: pages === 'number' ? ['invalid_page'] : [],
    413: body ? ['body_too_large'] : [],
    414: ['uri_too_long'],
    429: isPublic ? [] : ['rate_limited'],
    500: ['internal'],
  };
};

const codesOf = (route: DeclaredRoute, { errors = {} }: Description): Map<string, string[]> => {
  const codes = new Map(Object.entries(impliedCodes(route)));
  for (const [status, own] of Object.entries(errors))
    codes.set(status, [...new Set([...(codes.get(status) ?? []), ...own])]);
  return codes;
};

const retryAfter = {
  'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer', minimum: 1 } },
};

const errorResponse = (
  status: string,
  body: Node,
  codes: readonly string[],
  codeField = 'code',
): Node => ({
  description: meanings[status] ?? 'The request failed.',
  ...(status === '429' || status === '503' ? { headers: retryAfter } : {}),
  content: {
    'application/json': {
      schema:
        codes.length === 0
          ? body
          : { allOf: [body, { properties: { [codeField]: { enum: [...codes] } } }] },
    },
  },
});

/** Names of the error responses that most routes share, by status and codes. */
const shared: { readonly [key: string]: string } = {
  '401 unauthorized': 'Unauthorized',
  '403 forbidden': 'Forbidden',
  '413 body_too_large': 'BodyTooLarge',
  '414 uri_too_long': 'UriTooLong',
  '429 rate_limited': 'RateLimited',
  '500 internal': 'Internal',
  '503 ': 'Unavailable',
};

/** Builds the error responses of routes, and collects those that routes share as components. */
export const createErrors = (components: Components) => {
  const responses: Node = {};
  const body = components.response(ErrorBody);

  const referenceTo = (status: string, codes: readonly string[]): Node => {
    const name = shared[`${status} ${codes.join(' ')}`];
    const response = errorResponse(status, body, codes);
    if (name === undefined) return response;
    responses[name] = response;
    return { $ref: `#/components/responses/${name}` };
  };

  return {
    /** Error responses of a route by status. A 503 has the code of the part that cannot be reached. */
    of(route: DeclaredRoute, description: Description): Node {
      const own = description.errorBody && components.response(description.errorBody);
      const all = [...codesOf(route, description), ['503', []] as const];
      return Object.fromEntries(
        all
          .filter(([status, codes]) => codes.length > 0 || status === '503')
          .map(([status, codes]) => [
            status,
            own ? errorResponse(status, own, codes, 'reason') : referenceTo(status, codes),
          ]),
      );
    },
    responses,
  };
};
