import type { Context } from 'hono';
import * as z from 'zod';
import type { TaskView } from '../../../../shared/core/processing/tasks.ts';
import type { Platform } from '../../../../shared/ports/platform.ts';
import { cursorPageSchema } from '../../http/answers.openapi.ts';
import type { ApiEnv } from '../../http/api-env.ts';
import { badCursor, cursorOf, cursorPage } from '../../http/cursor.ts';
import { HttpError } from '../../http/http-error.ts';
import { knownFields } from '../../http/known-fields.ts';
import { mayRead } from '../../http/may-read.ts';
import { createRoutes } from '../../http/routes.ts';
import { describe } from '../../openapi/describe.ts';
import { exampleIds } from '../../openapi/example-ids.openapi.ts';
import { maxWaitMs } from '../events.ts';
import { Task, TimedTask, userParams } from './task.openapi.ts';
import { taskBody } from './task-body.ts';
import { taskNotFound, WaitQuery } from './tasks.ts';
import { userParam, userPath } from './user-param.ts';

const seconds = 'must be a number of seconds, 0 or more';
const bodySeconds = z.number(seconds).min(0, seconds).nullish();
const WaitBody = knownFields({ wait: bodySeconds });
const TimeoutBody = knownFields({ timeout: bodySeconds });
const TimeoutQuery = z.object({ timeout: z.coerce.number(seconds).min(0, seconds).optional() });

const tooManyTasks = (limit: number): HttpError =>
  new HttpError(
    429,
    'too_many_tasks',
    `At most ${limit} tasks of a user are open at once: try again when one has ended.`,
    { headers: { 'retry-after': '5' } },
  );

const errors = { 400: ['invalid_request'], 429: ['too_many_tasks'] };

/** Loads the operations on first use: a cold start does not read them. */
const requests = () => import('../../../../shared/core/processing/request-processing.ts');
const tasks = () => import('../../../../shared/core/processing/tasks.ts');

/** Routes that ask for the processing of a user, or wait for it. */
export const processRoutes = (platform: Platform) => {
  /** Asks for processing, or with `releases: false` follows what is refined anyway. Returns the id of the task. */
  const request = async (c: Context<ApiEnv>, releases: boolean): Promise<string> => {
    const { project } = c.get('principal');
    const { requestProcessing } = await requests();
    const result = await requestProcessing(platform, project, userParam(c), { releases });
    if (result.outcome === 'too_many') throw tooManyTasks(result.limit);
    return result.task;
  };

  /** Waits for a task. A waiting request polls the store, so each second of waiting costs a unit. */
  const waited = async (c: Context<ApiEnv>, id: string, wait: number): Promise<TaskView> => {
    const { project } = c.get('principal');
    const ms = Math.min(wait * 1_000, maxWaitMs);
    c.get('charge')(Math.ceil(ms / 1_000));
    const { waitForTask } = await tasks();
    const task = await waitForTask(platform, project, id, ms, c.req.raw.signal);
    if (!task) throw taskNotFound();
    return task;
  };

  const timed = async (c: Context<ApiEnv>, id: string, timeout: number | null | undefined) => {
    const task = taskBody(await waited(c, id, timeout ?? maxWaitMs / 1_000), mayRead(c));
    return { ...task, timed_out: !task.done };
  };

  const routes = createRoutes('Processing');

  routes.post(`${userPath}/process`, {
    permission: 'write',
    work: 'change',
    query: WaitQuery,
    body: WaitBody,
    bodyKind: 'optional',
    openapi: describe(() => ({
      operationId: 'processUser',
      summary: 'Refine everything that was said to a user',
      description:
        'The task covers every turn that was accepted before the request. Answers 202 at once; with `wait`, in the query string or the body, 200 as soon as the task has ended.',
      params: userParams,
      responses: { 200: Task, 202: Task },
      errors,
      example: { params: { id: exampleIds.user }, body: { wait: 5 } },
    })),
    handler: async (c, read) => {
      const wait = (await read.body()).wait ?? read.query().wait;
      const { project } = c.get('principal');
      const { getTask } = await tasks();
      const id = await request(c, true);
      const task =
        wait === undefined ? await getTask(platform, project, id) : await waited(c, id, wait);
      if (!task) throw taskNotFound();
      const body = taskBody(task, mayRead(c));
      return c.json(body, wait !== undefined && body.done ? 200 : 202);
    },
  });

  routes.post(`${userPath}/flush`, {
    permission: 'write',
    work: 'change',
    query: TimeoutQuery,
    body: TimeoutBody,
    bodyKind: 'optional',
    openapi: describe(() => ({
      operationId: 'flushUser',
      summary: 'Refine everything that was said to a user, and wait for it',
      description:
        'Covers every turn that was accepted before the request, also behind a task that runs. Answers 200 when all is refined, else 202 after `timeout` seconds (25 by default and at most), which the query string or the body has.',
      params: userParams,
      responses: { 200: TimedTask, 202: TimedTask },
      errors,
      example: { params: { id: exampleIds.user }, body: { timeout: 10 } },
    })),
    handler: async (c, read) => {
      const timeout = (await read.body()).timeout ?? read.query().timeout;
      const body = await timed(c, await request(c, true), timeout);
      return c.json(body, body.done ? 200 : 202);
    },
  });

  routes.post(`${userPath}/wait`, {
    permission: 'write',
    work: 'change',
    query: TimeoutQuery,
    body: TimeoutBody,
    bodyKind: 'optional',
    openapi: describe(() => ({
      operationId: 'waitForUser',
      summary: 'Wait for what is being refined for a user',
      description:
        'Starts nothing: turns that wait for a threshold or a request stay as they are. After `timeout` seconds (25 by default and at most; in the query string or the body) answers with `timed_out`, and nothing is cancelled.',
      params: userParams,
      responses: { 200: TimedTask },
      errors,
      example: { params: { id: exampleIds.user }, body: { timeout: 5 } },
    })),
    handler: async (c, read) => {
      const timeout = (await read.body()).timeout ?? read.query().timeout;
      return c.json(await timed(c, await request(c, false), timeout));
    },
  });

  routes.get(`${userPath}/tasks`, {
    permission: 'read',
    work: 'list',
    pages: 'cursor',
    openapi: describe(() => ({
      operationId: 'listUserTasks',
      summary: 'List tasks of a user',
      description: 'Newest first.',
      params: userParams,
      responses: { 200: cursorPageSchema(Task) },
      example: { params: { id: exampleIds.user }, query: { limit: '20' } },
    })),
    handler: async (c) => {
      const { project } = c.get('principal');
      const { listTasks } = await tasks();
      const listed = await listTasks(platform, project, userParam(c), cursorOf(c));
      if (listed === 'bad_cursor') throw badCursor();
      const bodies = listed.tasks.map((task) => taskBody(task, true));
      return c.json(cursorPage(c, bodies, listed.next));
    },
  });

  return routes.all;
};
