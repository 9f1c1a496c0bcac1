import type { Context } from 'hono';
import * as z from 'zod';
import { getGroup } from '../../../shared/core/group-events.ts';
import type { ModelRequests } from '../../../shared/core/model-requests.ts';
import { isUuid } from '../../../shared/domain/ids.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import type { ApiEnv } from '../http/api-env.ts';
import { createRoutes, type DeclaredRoute } from '../http/routes.ts';
import { describe } from '../openapi/describe.ts';
import { exampleIds } from '../openapi/example-ids.openapi.ts';
import { addRoutes } from './add.ts';
import { success } from './answer.ts';
import { MemosError, Task } from './answers.openapi.ts';
import { chatRoutes } from './chat.ts';
import { deleteRoutes } from './delete.ts';
import { taskNotFound } from './errors.ts';
import { feedbackRoutes } from './feedback.ts';
import { knowledgebaseFileRoutes } from './knowledge-base-files.ts';
import { knowledgebaseRoutes } from './knowledge-bases.ts';
import { memoryRoutes } from './memories.ts';
import { modelRoutes } from './model-routes.ts';
import { messageRoutes } from './said-messages.ts';
import { searchRoutes } from './search.ts';
import { taskBody } from './task.ts';

const TaskQuery = z.object({ task_id: z.string() });

/** `get/status`, by POST and by GET. */
const taskRoutes = (platform: Platform) => {
  const answer = async (c: Context<ApiEnv>, { task_id: id }: z.output<typeof TaskQuery>) => {
    const { project } = c.get('principal');
    const [first, ...others] = isUuid(id)
      ? await getGroup(platform, project, id.toLowerCase())
      : [];
    if (!first) throw taskNotFound();
    c.get('charge')(others.length);
    return success(c, taskBody([first, ...others]));
  };

  const routes = createRoutes('MemOS: memories');
  routes.post('/api/openmem/v1/get/status', {
    permission: 'read',
    work: 'get',
    body: TaskQuery,
    openapi: describe(() => ({
      operationId: 'memosGetStatus',
      summary: 'Get the state of a task',
      responses: { 200: Task },
      errors: { 404: ['task_not_found'] },
      errorBody: MemosError,
      example: { body: { task_id: exampleIds.event } },
    })),
    handler: async (c, read) => answer(c, await read.body()),
  });
  routes.get('/api/openmem/v1/get/status', {
    permission: 'read',
    query: TaskQuery,
    openapi: describe(() => ({
      operationId: 'memosGetStatusByQuery',
      summary: 'Get the state of a task, by the query string',
      responses: { 200: Task },
      errors: { 404: ['task_not_found'] },
      errorBody: MemosError,
      example: { query: { task_id: exampleIds.event } },
    })),
    handler: (c, read) => answer(c, read.query()),
  });
  return routes.all;
};

/** All routes of the surface for MemOS clients. */
export const memosRoutes = (platform: Platform): DeclaredRoute[] => {
  const models = async (): Promise<ModelRequests> =>
    (await import('./late.ts')).modelRequestsOf(platform);
  return [
    ...addRoutes(platform),
    ...taskRoutes(platform),
    ...searchRoutes(platform),
    ...memoryRoutes(platform),
    ...messageRoutes(platform),
    ...deleteRoutes(platform),
    ...feedbackRoutes(platform),
    ...modelRoutes(platform, models),
    ...chatRoutes(platform, models),
    ...knowledgebaseRoutes(platform),
    ...knowledgebaseFileRoutes(platform),
  ];
};
