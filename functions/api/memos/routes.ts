import type { MiddlewareHandler } from 'hono';
import type { Platform } from '../../../shared/ports/platform.ts';
import type { ApiEnv } from '../http/api-env.ts';
import type { DeclaredRoute } from '../http/routes.ts';
import { addRoutes } from './add.ts';
import { deleteRoutes } from './delete.ts';
import { errorBody } from './errors.ts';
import { memoryRoutes } from './memories.ts';
import { messageRoutes } from './said-messages.ts';
import { searchRoutes } from './search.ts';
import { taskRoutes } from './tasks.ts';

const middleware: MiddlewareHandler<ApiEnv> = (c, next) => {
  c.set('errorBody', errorBody);
  return next();
};

/** Gives errors of every path of the surface its form, also of paths that do not exist. */
export const memosErrors = { path: '/api/openmem/*', middleware };

/** All routes of the surface for MemOS clients. */
export const memosRoutes = (platform: Platform): DeclaredRoute[] => [
  ...addRoutes(platform),
  ...taskRoutes(platform),
  ...searchRoutes(platform),
  ...memoryRoutes(platform),
  ...messageRoutes(platform),
  ...deleteRoutes(platform),
];
