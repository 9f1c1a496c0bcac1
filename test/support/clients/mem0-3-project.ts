import { expect } from 'vitest';
import { type Check, newId, until } from './check.ts';
import { keep } from './mem0-3-memories.ts';
import type { PublishedMem0 } from './published-mem0.ts';

interface Entity {
  name: string;
  type: string;
  totalMemories: number;
}

/** Totals of the entities that exist under these names. */
const totalsOf = async (client: PublishedMem0, ...names: string[]) => {
  const { results }: { results: Entity[] } = await client.users({ page: 1, pageSize: 200 });
  return results
    .filter(({ name }) => names.includes(name))
    .map(({ type, name, totalMemories }) => [type, name, totalMemories]);
};

const hook = { name: 'Logger', eventTypes: ['memory_add'] };

const makeWebhook = async (client: PublishedMem0, url: string): Promise<string> =>
  (await client.createWebhook({ ...hook, url })).webhookId;

const entityChecks: readonly Check<PublishedMem0>[] = [
  {
    method: 'users',
    route: 'GET /v1/entities',
    async run(client) {
      const userId = newId('pia');
      await keep(client, userId, 'one', 'two');

      const totals = await totalsOf(client, userId);
      const page = await client.users({ page: 1, pageSize: 1 });

      expect(totals).toEqual([['user', userId, 2]]);
      expect(page).toMatchObject({ count: expect.any(Number), previous: null });
      expect(page.results).toHaveLength(1);
      expect(page.totalUsers).toBeGreaterThan(0);
    },
  },
  {
    method: 'deleteUser',
    route: 'DELETE /v1/entities/:type/:id',
    async run(client) {
      const userId = newId('quin/1');
      await keep(client, userId, 'one');

      const deleted = await client.deleteUser({ entity_id: userId, entity_type: 'user' });

      expect(deleted.message).toBe('Delete in progress. This may take some time.');
      expect(await totalsOf(client, userId)).toEqual([]);
    },
  },
];

const deleteEverything: Check<PublishedMem0> = {
  method: 'deleteUsers',
  route: 'DELETE /v2/entities/:type/:id',
  async run(client) {
    const [first, second] = [newId('rae'), newId('sam')];
    await keep(client, first, 'one');
    await keep(client, second, 'two');

    const one = await client.deleteUsers({ userId: first });
    const between = await totalsOf(client, first, second);
    const all = await client.deleteUsers();
    const left = await client.users();

    expect(one.message).toBe('Entity deleted successfully.');
    expect(between).toEqual([['user', second, 1]]);
    expect(all.message).toBe('All users, agents, apps and runs deleted.');
    expect(left.count).toBe(0);
  },
};

const settingChecks: readonly Check<PublishedMem0>[] = [
  {
    method: 'getProject',
    route: 'GET /api/v1/orgs/organizations/:org/projects/:project',
    async run(client) {
      const whole = await client.getProject({});
      const part = await client.getProject({ fields: ['customInstructions', 'customCategories'] });

      expect(whole).toMatchObject({ projectId: client.projectId, name: expect.any(String) });
      expect(Object.keys(part).toSorted()).toEqual(['customCategories', 'customInstructions']);
    },
  },
  {
    method: 'updateProject',
    route: 'PATCH /api/v1/orgs/organizations/:org/projects/:project',
    async run(client) {
      const settings = {
        customInstructions: 'Remember meals.',
        customCategories: [{ foodAndDrink: 'What they eat' }],
        multilingual: false,
      };

      const updated = await client.updateProject({ ...settings, memoryDepth: null, version: 'v2' });
      const stored = await client.getProject({ fields: Object.keys(settings) });
      await client.updateProject({
        customInstructions: '',
        customCategories: [],
        multilingual: true,
      });
      const restored = await client.getProject({ fields: ['customInstructions'] });

      expect(updated.message).toBe('Project updated successfully');
      expect(stored).toEqual(settings);
      expect(restored).toEqual({ customInstructions: null });
    },
  },
];

const webhookChecks: readonly Check<PublishedMem0>[] = [
  {
    method: 'createWebhook',
    route: 'POST /api/v1/webhooks/projects/:project',
    async run(client, { receiverUrl: url }) {
      const made = await client.createWebhook({ ...hook, url });
      await client.deleteWebhook({ webhookId: made.webhookId });

      expect(made).toMatchObject({
        ...hook,
        url,
        webhookId: expect.any(String),
        isActive: true,
        secret: expect.stringMatching(/^whsec_/),
      });
    },
  },
  {
    method: 'getWebhooks',
    route: 'GET /api/v1/webhooks/projects/:project',
    async run(client, { receiverUrl: url }) {
      const webhookId = await makeWebhook(client, url);

      const own = await client.getWebhooks();
      const named = await client.getWebhooks({ projectId: client.projectId });
      await client.deleteWebhook({ webhookId });

      expect(own).toMatchObject([{ ...hook, url, webhookId }]);
      expect(named).toEqual(own);
    },
  },
  {
    method: 'updateWebhook',
    route: 'PUT /api/v1/webhooks/:id',
    async run(client, { receiverUrl: url }) {
      const webhookId = await makeWebhook(client, url);
      const changes = {
        name: 'Other',
        url: `${url}/other`,
        eventTypes: ['memory_delete'],
      };

      const updated = await client.updateWebhook({ webhookId, ...changes });
      const [stored] = await client.getWebhooks();
      await client.deleteWebhook({ webhookId });

      expect(updated.message).toBe('Webhook updated successfully');
      expect(stored).toMatchObject({ webhookId, ...changes });
    },
  },
  {
    method: 'deleteWebhook',
    route: 'DELETE /api/v1/webhooks/:id',
    async run(client, { receiverUrl: url }) {
      const webhookId = await makeWebhook(client, url);

      const deleted = await client.deleteWebhook({ webhookId });

      expect(deleted.message).toBe('Webhook deleted successfully');
      expect(await client.getWebhooks()).toEqual([]);
    },
  },
];

const exportSchema = { title: 'Person', type: 'object', properties: { home: { type: 'string' } } };

const feedbackAndExportChecks: readonly Check<PublishedMem0>[] = [
  {
    method: 'feedback',
    route: 'POST /v1/feedback',
    async run(client) {
      const [memoryId] = await keep(client, newId('tom'), 'I sing.');

      const given = await client.feedback({
        memoryId,
        feedback: 'POSITIVE',
        feedbackReason: 'Correct.',
      });

      expect(given).toMatchObject({ feedback: 'POSITIVE', feedbackReason: 'Correct.' });
      expect(given.id).toEqual(expect.any(String));
    },
  },
  {
    method: 'createMemoryExport',
    route: 'POST /v1/exports',
    async run(client) {
      const userId = newId('uma');
      await keep(client, userId, 'I live in Rome.');

      const made = await client.createMemoryExport({
        schema: exportSchema,
        filters: { AND: [{ user_id: userId }] },
        exportInstructions: 'Cities only.',
      });

      expect(made).toMatchObject({
        message: expect.stringContaining('export'),
        id: expect.any(String),
      });
    },
  },
  {
    method: 'getMemoryExport',
    route: 'POST /v1/exports/get',
    async run(client) {
      const filters = { user_id: newId('val') };
      await keep(client, filters.user_id, 'I live in Bonn.');
      const { id } = await client.createMemoryExport({ schema: exportSchema, filters });

      const byId = await until(
        () => client.getMemoryExport({ memoryExportId: id }).catch((error: Error) => error),
        (result) => !(result instanceof Error && /not_ready/.test(result.message)),
      );
      if (byId instanceof Error) throw byId;
      const byFilters = await client.getMemoryExport({ filters });

      expect(byId).toEqual(expect.any(Object));
      expect(byFilters).toEqual(byId);
    },
  },
];

/** Methods of the 3.x client for entities, settings, webhooks, feedback and exports. */
export const projectChecks: readonly Check<PublishedMem0>[] = [
  ...entityChecks,
  ...settingChecks,
  ...webhookChecks,
  ...feedbackAndExportChecks,
  // The deletions go on for a while, so they come last.
  deleteEverything,
];
