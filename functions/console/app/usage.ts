import type { Usage } from './answers.ts';
import { queryOf, request } from './api.ts';

/** Most pages of one period. */
const maxPages = 20;

const sum = (a: Usage['total'], b: Usage['total']): Usage['total'] => ({
  requests: a.requests + b.requests,
  units: a.units + b.units,
  adds: a.adds + b.adds,
  searches: a.searches + b.searches,
  errors: a.errors + b.errors,
  limited: a.limited + b.limited,
  redacted: a.redacted + b.redacted,
  refinements: a.refinements + b.refinements,
  tokens: {
    prompt: a.tokens.prompt + b.tokens.prompt,
    completion: a.tokens.completion + b.tokens.completion,
  },
  model_cost:
    a.model_cost === null && b.model_cost === null
      ? null
      : (a.model_cost ?? 0) + (b.model_cost ?? 0),
  deliveries: a.deliveries + b.deliveries,
  failed_deliveries: a.failed_deliveries + b.failed_deliveries,
});

/** Loads the usage of a period, or of the last day, page by page. */
export const loadUsage = async (period: { since?: string } = {}): Promise<Usage> => {
  let usage = await request<Usage>(`GET /v1/usage${queryOf(period)}`);
  for (let page = 1; usage.next !== null && page < maxPages; page++) {
    const { pathname, search } = new URL(usage.next, location.href);
    const further = await request<Usage>(`GET ${pathname}${search}`);
    usage = {
      total: sum(usage.total, further.total),
      results: [...usage.results, ...further.results],
      next: further.next,
    };
  }
  return usage;
};
