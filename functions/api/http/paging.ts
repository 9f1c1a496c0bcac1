import type { Context } from 'hono';
import * as z from 'zod';
import type { ApiEnv } from './api-env.ts';
import { HttpError, invalid } from './http-error.ts';
import { limits } from './limits.ts';
import { parse } from './parse.ts';
import { rawPath } from './request-target.ts';

const wholeNumber = 'must be a whole number of 1 or more';
/** Positive whole number from a query string or a JSON body. */
export const Count = z.coerce.number(wholeNumber).int(wholeNumber).min(1, wholeNumber).max(1e9);

/** Parameters of a page by number. */
export const PageQuery = z.object({
  page: Count.nullish(),
  page_size: Count.nullish(),
});

export interface Paging {
  page: number;
  size: number;
  skip: number;
  /** Whether a larger size was asked for. */
  isReduced: boolean;
}

/** Parses the requested page. The query string takes precedence over the body; a size above 200 is reduced to 200. */
export const pagingOf = (c: Context<ApiEnv>, body: object = {}): Paging => {
  const requested = parse(PageQuery, { ...body, ...c.req.query() });
  const page = requested.page ?? 1;
  const asked = requested.page_size ?? 100;
  const size = Math.min(asked, limits.pageSize);
  return { page, size, skip: (page - 1) * size, isReduced: asked > size };
};

/** Parses the page of a route that answers with a bare list, which could not say that its size was reduced. */
export const exactPagingOf = (c: Context<ApiEnv>, body: object = {}): Paging => {
  const paging = pagingOf(c, body);
  if (paging.isReduced) throw invalid('page_size', `page_size must be <= ${limits.pageSize}.`);
  return paging;
};

/** Returns a link to the same route with other parameters, or without those that are undefined: relative, or with the public URL. Never uses the Host header. */
export const linkWith = (
  c: Context<ApiEnv>,
  parameters: { readonly [name: string]: string | undefined },
) => {
  const query = new URLSearchParams(new URL(c.req.url).search);
  for (const [name, value] of Object.entries(parameters))
    if (value === undefined) query.delete(name);
    else query.set(name, value);
  return `${c.get('linkBase')}${rawPath(c.req.raw)}/?${query}`;
};

const linkTo = (c: Context<ApiEnv>, page: number, size: number, after?: string): string =>
  linkWith(c, { page: String(page), page_size: String(size), after });

/**
 * Builds the body of a page, with its size if that is smaller than was asked for.
 * @param after position by which the next page is found sooner than by its number
 * @throws HttpError 404 for a page after the last one
 */
export const pageOf = <T>(
  c: Context<ApiEnv>,
  { page, size, skip, isReduced }: Paging,
  count: number,
  results: readonly T[],
  after?: string,
) => {
  if (page > 1 && skip >= count) throw new HttpError(404, 'invalid_page', 'Invalid page.');
  return {
    count,
    next: skip + size < count ? linkTo(c, page + 1, size, after) : null,
    previous: page > 1 ? linkTo(c, page - 1, size) : null,
    ...(isReduced ? { page_size: size } : {}),
    results,
  };
};
