import type { Context } from 'hono';
import { replaceText } from '../../../shared/core/memories/replace-text.ts';
import type { Replacement } from '../../../shared/domain/memory/replacement.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import { unitsPerItem } from '../access/cost-units.ts';
import { idempotencyKeyOf, keyReused } from '../http/accept-turn.ts';
import type { ApiEnv } from '../http/api-env.ts';
import { omitNullish } from '../http/omit-nullish.ts';
import { redactedEdit } from '../http/redacted-edit.ts';
import { repeatWindowMs } from './fields.ts';

/** Characters of a feedback that may ask for a replacement, and of each of its two texts. */
const max = { feedback: 600, text: 200 };

const part = (name: string): string =>
  `(?:["“”'‘’「『]\\s*(?<${name}Quoted>[^"“”「」『』]{1,${max.text}}?)\\s*["“”'‘’」』]|(?<${name}>[^"“”「」『』\\n]{1,${max.text}}?))`;

const english = new RegExp(
  `^(?:please )?(?<before>in all (?:of )?(?:my |the )?memories,? )?(?:replace|change|rename|substitute) (?<all>(?:all|every|each) (?:(?:occurrences?|mentions?|instances?) of )?)?${part('from')} (?:with|by|to|into) ${part('to')}(?<after>,? (?:everywhere|throughout|globally|in (?:all|every)(?: of)?(?: my| the)? memor(?:y|ies)))?[.!]?$`,
  'iu',
);

const chinese = new RegExp(
  `^请?(?:把|将)(?<all>所有|全部)?(?:记忆(?:中|里))?的?${part('from')}(?<each>全部|都|统一)?(?:替换|改|换|更改|修改)(?:为|成)${part('to')}[。！.!]?$`,
  'u',
);

type Groups = { readonly [name: string]: string | undefined };

const asksForAll = ({ before, all, after, each, fromQuoted, toQuoted }: Groups): boolean =>
  [before, all, after, each].some((word) => word !== undefined) ||
  (fromQuoted !== undefined && toQuoted !== undefined);

/**
 * Reads a feedback that asks to replace a text everywhere, such as `Replace "User 1" with "User 2"`, `Change Ana to Anna everywhere` or
 * `把所有的小明改成小红`. Undefined for any other feedback: both texts must be in quotes, or the feedback must say that all are meant.
 */
export const replacementIn = (feedback: string): Replacement | undefined => {
  const text = feedback.trim();
  if (text.length > max.feedback) return undefined;
  const { groups } = english.exec(text) ?? chinese.exec(text) ?? {};
  if (!groups || !asksForAll(groups)) return undefined;
  const from = (groups['fromQuoted'] ?? groups['from'])?.trim();
  const to = (groups['toQuoted'] ?? groups['to'])?.trim();
  return from && to && from !== to ? { from, to } : undefined;
};

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
  const asked = replacementIn(feedback);
  if (!asked) return undefined;
  const edit = { text: asked.to };
  const { text: to } = await redactedEdit(platform, c, edit, { text: 'feedback_content' });
  const replacement = { ...asked, to };
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
