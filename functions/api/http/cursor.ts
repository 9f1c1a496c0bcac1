import type { Context } from 'hono';
import * as z from 'zod';
import type { ApiEnv } from './api-env.ts';
import { type HttpError, invalid } from './http-error.ts';
import { limits } from './limits.ts';
import { Count, linkWith } from './paging.ts';
import { parse } from './parse.ts';

/** Parameters of a page by cursor. */
export const CursorQuery = z.object({
  after: z.string().min(1).max(limits.cursorLength).optional(),
  limit: Count.optional(),
});

/** Parses `after` and `limit` of a list that grows. A limit above 100 is reduced to 100. */
export const cursorOf = (c: Context<ApiEnv>): { limit: number; after?: string } => {
  const { after, limit = limits.cursorPageSize } = parse(CursorQuery, c.req.query());
  return {
    limit: Math.min(limit, limits.cursorPageSize),
    ...(after === undefined ? {} : { after }),
  };
};

export const badCursor = (): HttpError =>
  invalid('after', 'after must be a cursor from an earlier response.');

/**
 * Builds the body of a page.
 * @param next cursor of the following page
 * @param isEnd true if nothing follows yet; the cursor is still returned, for a later poll
 */
export const cursorPage = <T>(
  c: Context<ApiEnv>,
  results: readonly T[],
  next: string | undefined,
  isEnd = next === undefined,
) => ({
  results,
  cursor: next ?? null,
  next: next === undefined || isEnd ? null : linkWith(c, { after: next }),
});
