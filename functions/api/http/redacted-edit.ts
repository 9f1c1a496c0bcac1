import type { Context } from 'hono';
import { redactEdit } from '../../../shared/core/projects/redaction.ts';
import { redactionTotal } from '../../../shared/domain/sensitive/sensitive.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import type { ApiEnv } from './api-env.ts';
import { HttpError } from './http-error.ts';

const isAllDropped = (field: string): HttpError =>
  new HttpError(
    400,
    'sensitive_value',
    `${field} has nothing besides values that this project drops.`,
    { field },
  );

/**
 * Redacts the texts of an edit as `redactEdit` does, and counts the values for the usage of the key.
 * @throws RefusedValueError; HttpError 400 if nothing of a text is left
 */
export const redactedEdit = async <E extends Parameters<typeof redactEdit>[2]>(
  platform: Platform,
  c: Context<ApiEnv>,
  edit: E,
  fields: { text: string; title?: string },
): Promise<E> => {
  const safe = await redactEdit(platform, c.get('principal').project, edit, fields);
  for (const name of ['text', 'title'] as const)
    if (edit[name]?.trim() && !safe[name]?.trim()) throw isAllDropped(fields[name] ?? name);
  c.set('redacted', (c.get('redacted') ?? 0) + redactionTotal(safe.redacted));
  return safe;
};
