import type { MiddlewareHandler } from 'hono';
import type { ApiEnv, ErrorParts } from '../http/api-env.ts';
import { HttpError } from '../http/http-error.ts';

/** Numbers of errors on this surface, by the code of the service. */
const numbers: { readonly [code: string]: number } = {
  not_found: 40001,
  unauthorized: 40100,
  forbidden: 40103,
  body_too_large: 40013,
  turn_too_large: 40013,
  rate_limited: 40309,
  too_many_jobs: 40300,
  too_many_cutoffs: 40300,
  memory_not_found: 40307,
  task_not_found: 50131,
  knowledgebase_not_found: 50120,
  knowledgebase_full: 50103,
  too_many_knowledgebases: 50103,
  file_not_found: 40001,
  invalid_form: 40000,
  memory_immutable: 50002,
  memory_closed: 50002,
  memory_is_version: 50002,
  message_is_source: 50002,
  not_refined: 50002,
  not_supported: 50002,
  internal: 50000,
  input_too_long: 40305,
  not_extracted: 50002,
  not_answered: 50002,
  model_required: 50002,
};

const missing = /\bis required\b/;
const empty = /\bmust not be (?:empty|blank)\b|\bneeds? (?:a|an|at least)\b/;
const tooLong = /\bmust be at most \d+ characters\b/;

/** Number of a refused field. */
const numberOfField = ({ message, details: { field = '' } }: ErrorParts): number => {
  if (tooLong.test(message) && /^(?:user_id|agent_id)\b/.test(field)) return 40010;
  if (tooLong.test(message) && field.startsWith('conversation_id')) return 40011;
  if (missing.test(message)) return 40002;
  return empty.test(message) ? 40003 : 40000;
};

const numberOf = (error: ErrorParts): number => {
  if (error.code === 'invalid_request') return numberOfField(error);
  return numbers[error.code] ?? (error.status === 503 ? 50004 : 40000);
};

/** Body of an error on this surface: its number, one sentence, and under `reason` the code of the service. */
const errorBody = (error: ErrorParts): { [field: string]: unknown } => {
  const { code, message, details } = error;
  return {
    code: numberOf(error),
    data: null,
    // Clients look for these words before they read the number.
    message: code === 'rate_limited' ? `The rate limit is reached: ${message}` : message,
    reason: code,
    ...(details.field === undefined ? {} : { field: details.field }),
    ...(code === 'sensitive_value' && details.body),
  };
};

const middleware: MiddlewareHandler<ApiEnv> = (c, next) => {
  c.set('errorBody', errorBody);
  return next();
};

/** Gives errors of every path of the surface its form, also of paths that do not exist. */
export const memosErrors = { path: '/api/openmem/*', middleware };

export const taskNotFound = (): HttpError =>
  new HttpError(404, 'task_not_found', 'There is no task with this task_id.', { field: 'task_id' });

export const memoryNotFound = (): HttpError =>
  new HttpError(404, 'memory_not_found', 'There is no memory with this memory_id.', {
    field: 'memory_id',
  });

export const memoriesNotFound = (): HttpError =>
  new HttpError(404, 'memory_not_found', 'memory_ids names no memory of the project.', {
    field: 'memory_ids',
  });
