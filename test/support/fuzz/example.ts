import type { Json } from '../../../shared/domain/memory/turn.ts';

/** A valid request. `{{memory}}` and the like stand for ids that the seed has made. */
export interface Example {
  /** As the router has it, such as `GET /v1/events/:id`. */
  route: string;
  /** The route's path with its parameters filled in; default: the route's own. */
  path?: string;
  query?: { [name: string]: string };
  headers?: { [name: string]: string };
  body?: Json;
}
