import * as z from 'zod';
import type { Platform } from '../../../../shared/ports/platform.ts';
import { HttpError } from '../../http/http-error.ts';
import { mayRead } from '../../http/may-read.ts';
import { uuidParam } from '../../http/path-params.ts';
import { createRoutes } from '../../http/routes.ts';
import { describe } from '../../openapi/describe.ts';
import { exampleIds } from '../../openapi/example-ids.openapi.ts';
import { maxWaitMs } from '../events.ts';
import { taskParams as params, Task } from './task.openapi.ts';
import { taskBody } from './task-body.ts';

const seconds = 'must be a number of seconds, 0 or more';
/** Seconds that a request waits for the end of its task. */
export const WaitQuery = z.object({ wait: z.coerce.number(seconds).min(0, seconds).optional() });

export const taskNotFound = (): HttpError =>
  new HttpError(404, 'task_not_found', 'There is no task with this id in the project.');

/** Loads the operations on first use: a cold start does not read them. */
const tasks = () => import('../../../../shared/core/processing/tasks.ts');

const errors = { 400: ['invalid_id'], 404: ['task_not_found'] };

/** Routes of a task by its id. */
export const taskRoutes = (platform: Platform) => {
  const routes = createRoutes('Processing');

  routes.get('/v1/tasks/:id', {
    permission: 'read',
    query: WaitQuery,
    openapi: describe(() => ({
      operationId: 'getTask',
      summary: 'Get a task, or wait for its end',
      description:
        'With `wait`, answers as soon as the task has ended or the seconds (25 at most) have passed. Each second costs a unit.',
      params,
      responses: { 200: Task },
      errors,
      example: { params: { id: exampleIds.task }, query: { wait: '5' } },
    })),
    handler: async (c, read) => {
      const { project } = c.get('principal');
      const id = uuidParam(c, 'task_id');
      const ms = Math.min((read.query().wait ?? 0) * 1_000, maxWaitMs);
      c.get('charge')(Math.ceil(ms / 1_000));
      const { getTask, waitForTask } = await tasks();
      const task =
        ms > 0
          ? await waitForTask(platform, project, id, ms, c.req.raw.signal)
          : await getTask(platform, project, id);
      if (!task) throw taskNotFound();
      return c.json(taskBody(task, true));
    },
  });

  routes.post('/v1/tasks/:id/cancel', {
    permission: 'write',
    work: 'change',
    openapi: describe(() => ({
      operationId: 'cancelTask',
      summary: 'Cancel a task',
      description:
        'A batch of turns under way is finished. The others stay as they were said, and wait again.',
      params,
      responses: { 200: Task },
      errors: { ...errors, 409: ['task_final'] },
      example: { params: { id: exampleIds.waitingTask } },
    })),
    handler: async (c) => {
      const { project } = c.get('principal');
      const id = uuidParam(c, 'task_id');
      const { cancelTask, getTask } = await tasks();
      const outcome = await cancelTask(platform, project, id);
      if (outcome === 'final')
        throw new HttpError(409, 'task_final', 'This task has ended and cannot be cancelled.');
      const task = await getTask(platform, project, id);
      if (!task) throw taskNotFound();
      return c.json(taskBody(task, mayRead(c)));
    },
  });

  return routes.all;
};
