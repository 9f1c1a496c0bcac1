import type { Json } from '../../../shared/domain/memory/turn.ts';

/** Valid request. Placeholders such as `{{memory}}` stand for ids of seeded data. */
export interface Example {
  /** Method and pattern of the router, such as `GET /v1/events/:id`. */
  route: string;
  /** Path with the parameters filled in; default: the pattern of the route. */
  path?: string;
  query?: { [name: string]: string };
  headers?: { [name: string]: string };
  body?: Json;
}
