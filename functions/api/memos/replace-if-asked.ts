import type { Context } from 'hono';
import { replaceText } from '../../../shared/core/memories/replace-text.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import { unitsPerItem } from '../access/cost-units.ts';
import { idempotencyKeyOf, keyReused } from '../http/accept-turn.ts';
import type { ApiEnv } from '../http/api-env.ts';
import { omitNullish } from '../http/omit-nullish.ts';
import { repeatWindowMs } from './fields.ts';
import { replacementIn } from './keyword-replacement.ts';

/**
 * Replaces a text in all memories of a user, if the feedback asks for it; undefined for any other feedback.
 * @throws HttpError 409 if the key was used with another request, 429 if the changes cost too much
 */
export const replaceIfAsked = async (
  platform: Platform,
  c: Context<ApiEnv>,
  user: string,
  feedback: string,
) => {
  const replacement = replacementIn(feedback);
  if (!replacement) return undefined;
  const request = {
    owner: { kind: 'user' as const, id: user },
    replacement,
    repeatWindowMs,
    ...omitNullish({ idempotencyKey: idempotencyKeyOf(c) }),
  };
  const charge = (memories: number): void => c.get('charge')(memories * unitsPerItem);
  const result = await replaceText(platform, c.get('principal').project, request, charge);
  if (result.outcome === 'key_reused') throw keyReused();
  const { event, remaining } = result;
  return { success: true, task_id: event, status: 'completed', remaining };
};
