import { expect } from 'vitest';
import { type Check, newId, until } from './check.ts';
import { keep } from './mem0-3-memories.ts';
import type { PublishedMem0 } from './published-mem0.ts';

const schema = {
  type: 'object',
  properties: { home_city: { type: 'string', description: 'City where the user lives' } },
};
const states = ['succeeded', 'pending', 'failed', 'not_enabled', 'insufficient_data'];

const enable = (client: PublishedMem0) =>
  client.updateProfileSettings({ enabled: true, schema, customInstructions: 'Short texts.' });

/** Methods for profiles of users, which version 3.3 has. */
export const profileChecks: readonly Check<PublishedMem0>[] = [
  {
    method: 'updateProfileSettings',
    route: 'POST /v2/profiles/settings',
    async run(client) {
      const updated = await enable(client);

      expect(updated).toMatchObject({
        enabled: true,
        entities: { user: { schema, customInstructions: 'Short texts.' } },
      });
    },
  },
  {
    method: 'getProfileSettings',
    route: 'GET /v2/profiles/settings',
    async run(client) {
      const settings = await client.getProfileSettings();

      expect(settings).toMatchObject({
        enabled: expect.any(Boolean),
        entities: { user: expect.any(Object) },
        capabilities: expect.any(Object),
      });
    },
  },
  {
    method: 'getProfile',
    route: 'GET /v2/entities/:type/:id/profile',
    async run(client) {
      const entityId = newId('wim');
      await keep(client, entityId, 'I live in Gent.');

      const got = await client.getProfile({ entityId });

      expect(got).toMatchObject({ entityType: 'user', entityId, profile: expect.any(Object) });
      expect(states).toContain(got.status);
    },
  },
  {
    method: 'generateProfile',
    route: 'POST /v2/profiles/jobs',
    async run(client) {
      await enable(client);
      const entityId = newId('xia');
      await keep(client, entityId, 'I live in Gent.');
      const order = { entityId, idempotencyKey: newId('once') };

      const made = await client.generateProfile(order);
      const again = await client.generateProfile(order);

      expect(made).toMatchObject({
        jobId: expect.any(String),
        operation: 'trigger',
        entityType: 'user',
      });
      expect(made.statusUrl).toContain(made.jobId);
      expect(again).toMatchObject({ jobId: made.jobId, replayed: true });
    },
  },
  {
    method: 'getProfileJob',
    route: 'GET /v2/profiles/jobs/:id',
    async run(client) {
      await enable(client);
      const entityId = newId('yve');
      await keep(client, entityId, 'I live in Gent.');
      const { jobId, statusUrl } = await client.generateProfile({ entityId });

      const { job } = await until(
        () => client.getProfileJob(statusUrl),
        (answer) => answer.job.completed === 1,
      );
      const byId = await client.getProfileJob(jobId);

      expect(job).toMatchObject({ id: jobId, operation: 'trigger', entityType: 'user', total: 1 });
      expect(byId.job.id).toBe(jobId);
    },
  },
  {
    method: 'sampleProfiles',
    route: 'POST /v2/profiles/jobs',
    async run(client) {
      await enable(client);
      await keep(client, newId('zoe'), 'I live in Gent.');

      const made = await client.sampleProfiles({ limit: 2 });

      expect(made).toMatchObject({ operation: 'sample', sampled: expect.any(Number) });
      expect(made.entityIds).toHaveLength(made.sampled);
    },
  },
];
