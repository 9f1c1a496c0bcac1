import type { Context } from 'hono';
import { waitForEvent } from '../../../../shared/core/events.ts';
import {
  readEntitySettings,
  setEntitySettings,
} from '../../../../shared/core/processing/processing-settings.ts';
import { isFinal } from '../../../../shared/domain/memory/event.ts';
import type { Platform } from '../../../../shared/ports/platform.ts';
import type { ApiEnv } from '../../http/api-env.ts';
import { knownFields } from '../../http/known-fields.ts';
import { processingBody, processingFields, processingFrom } from '../../http/processing-fields.ts';
import { quotaExceeded } from '../../http/quota.ts';
import { createRoutes } from '../../http/routes.ts';
import { describe } from '../../openapi/describe.ts';
import { exampleIds } from '../../openapi/example-ids.openapi.ts';
import { maxWaitMs } from '../events.ts';
import { Deleted, Settings, userParams } from './task.openapi.ts';
import { userParam, userPath } from './user-param.ts';

const SettingsBody = knownFields(processingFields);

/** Routes of a user as a whole: settings of processing, deletion. */
export const userRoutes = (platform: Platform) => {
  const settingsBody = async (c: Context<ApiEnv>) => {
    const { project } = c.get('principal');
    const { project: shared, entity } = await readEntitySettings(platform, project, userParam(c));
    const own = { auto_process: entity.autoProcess, batch_threshold: entity.batchThreshold };
    return {
      ...processingBody(entity, shared),
      own: Object.entries({ ...own, idle_seconds: entity.idleSeconds }).flatMap(([name, value]) =>
        value === undefined ? [] : [name],
      ),
    };
  };

  const routes = createRoutes('Processing');

  routes.get(`${userPath}/settings`, {
    permission: 'read',
    openapi: describe(() => ({
      operationId: 'getUserSettings',
      summary: 'Get the settings of processing of a user',
      params: userParams,
      responses: { 200: Settings },
      errors: { 400: ['invalid_request'] },
      example: { params: { id: exampleIds.user } },
    })),
    handler: async (c) => c.json(await settingsBody(c)),
  });

  routes.put(`${userPath}/settings`, {
    permission: 'write',
    work: 'change',
    body: SettingsBody,
    openapi: describe(() => ({
      operationId: 'setUserSettings',
      summary: 'Replace the settings of processing of a user',
      description:
        'A setting that is absent or null is that of the project. Turns that are accepted after the answer follow them, in other processes after 5 seconds at most. Turns that wait already stay as they are.',
      params: userParams,
      responses: { 200: Settings },
      errors: { 400: ['invalid_request'] },
      example: {
        params: { id: exampleIds.otherUser },
        body: { batch_threshold: 10, idle_seconds: 300 },
      },
    })),
    handler: async (c, read) => {
      const { project } = c.get('principal');
      const settings = processingFrom(await read.body());
      await setEntitySettings(platform, project, userParam(c), settings);
      return c.json(await settingsBody(c));
    },
  });

  routes.delete(userPath, {
    permission: 'write',
    work: 'job',
    openapi: describe(() => ({
      operationId: 'deleteUser',
      summary: 'Delete a user',
      description:
        'Cancels the tasks of the user and deletes every memory that names the user, and its settings. No read shows them once this has answered, and no work under way brings them back. Answers 200 with counts once all is erased, else 202 after 25 seconds.',
      params: userParams,
      responses: { 200: Deleted, 202: Deleted },
      errors: { 400: ['invalid_request'], 429: ['too_many_jobs', 'too_many_cutoffs'] },
      example: { params: { id: exampleIds.otherUser } },
    })),
    handler: async (c) => {
      const { project } = c.get('principal');
      const user = userParam(c);
      // A path of another route, which has no DELETE; the pattern covers it because ids may contain slashes.
      if (/\/(?:settings|tasks|process|flush|wait)$/.test(user.id)) return c.notFound();
      const { cancelTasks } = await import('../../../../shared/core/processing/tasks.ts');
      const { deleteAll } = await import('../../../../shared/core/erasure/delete-all.ts');
      const started = await deleteAll(platform, project, { user: user.id });
      if (started.outcome === 'full') throw quotaExceeded(started);
      await cancelTasks(platform, project, user);
      await setEntitySettings(platform, project, user, {});
      const { event: id } = started;
      const event = await waitForEvent(platform, project, id, maxWaitMs, c.req.raw.signal);
      const status = event?.status ?? 'PENDING';
      const body = { event_id: id, status, counts: event?.counts ?? null };
      return c.json(body, isFinal(status) ? 200 : 202);
    },
  });

  return routes.all;
};
