import { expect } from 'vitest';
import { type Check, newId, until } from './check.ts';
import { keep } from './mem0-2-memories.ts';
import type { PublishedMem0 } from './published-mem0.ts';

interface Entity {
  name: string;
  type: string;
  total_memories: number;
}

const totalsOf = async (client: PublishedMem0, ...names: string[]) => {
  const { results }: { results: Entity[] } = await client.users();
  return results
    .filter(({ name }) => names.includes(name))
    .map(({ type, name, total_memories }) => [type, name, total_memories]);
};

const hook = { name: 'Logger', eventTypes: ['memory_add'] };
const stored = { name: hook.name, event_types: hook.eventTypes };

const makeWebhook = async (client: PublishedMem0, url: string): Promise<string> =>
  (await client.createWebhook({ ...hook, url })).webhook_id;

const entityChecks: readonly Check<PublishedMem0>[] = [
  {
    method: 'users',
    route: 'GET /v1/entities',
    async run(client) {
      const user_id = newId('pia');
      await keep(client, user_id, 'one', 'two');

      const page = await client.users();

      expect(page).toMatchObject({ count: expect.any(Number), total_users: expect.any(Number) });
      expect(await totalsOf(client, user_id)).toEqual([['user', user_id, 2]]);
    },
  },
  {
    method: 'deleteUser',
    route: 'DELETE /v1/entities/:type/:id',
    async run(client) {
      const user_id = newId('quin');
      await keep(client, user_id, 'one');

      const deleted = await client.deleteUser({ entity_id: user_id, entity_type: 'user' });

      expect(deleted.message).toBe('Delete in progress. This may take some time.');
      expect(await totalsOf(client, user_id)).toEqual([]);
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

    const one = await client.deleteUsers({ user_id: first });
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
      const part = await client.getProject({ fields: ['custom_instructions'] });

      expect(whole).toMatchObject({ project_id: client.projectId, name: expect.any(String) });
      expect(Object.keys(part)).toEqual(['custom_instructions']);
    },
  },
  {
    method: 'updateProject',
    route: 'PATCH /api/v1/orgs/organizations/:org/projects/:project',
    async run(client) {
      const settings = {
        custom_instructions: 'Remember meals.',
        custom_categories: [{ food: 'What they eat' }],
        inclusion_prompt: 'meals',
        exclusion_prompt: 'health',
      };

      const updated = await client.updateProject({ ...settings, enable_graph: true });
      const now = await client.getProject({ fields: Object.keys(settings) });
      const nothing = { inclusion_prompt: '', exclusion_prompt: '' };
      await client.updateProject({ custom_instructions: '', custom_categories: [], ...nothing });
      const restored = await client.getProject({ fields: ['inclusion_prompt'] });

      expect(updated).toEqual({
        message: 'Project updated successfully',
        ignored: ['enable_graph'],
      });
      expect(now).toEqual(settings);
      expect(restored).toEqual({ inclusion_prompt: null });
    },
  },
];

const webhookChecks: readonly Check<PublishedMem0>[] = [
  {
    method: 'createWebhook',
    route: 'POST /api/v1/webhooks/projects/:project',
    async run(client, { receiverUrl: url }) {
      const made = await client.createWebhook({ ...hook, url });
      await client.deleteWebhook({ webhookId: made.webhook_id });

      expect(made).toMatchObject({ ...stored, webhook_id: expect.any(String), is_active: true });
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

      expect(own).toMatchObject([{ ...stored, url, webhook_id: webhookId }]);
      expect(named).toEqual(own);
    },
  },
  {
    method: 'updateWebhook',
    route: 'PUT /api/v1/webhooks/:id',
    async run(client, { receiverUrl: url }) {
      const webhookId = await makeWebhook(client, url);
      const changes = { name: 'Other', url, eventTypes: ['memory_update'] };

      const updated = await client.updateWebhook({ webhookId, ...changes });
      const [now] = await client.getWebhooks();
      await client.deleteWebhook({ webhookId });

      expect(updated.message).toBe('Webhook updated successfully');
      expect(now).toMatchObject({ name: 'Other', event_types: ['memory_update'] });
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

const schema = { title: 'Person', type: 'object', properties: { home: { type: 'string' } } };

const feedbackAndExportChecks: readonly Check<PublishedMem0>[] = [
  {
    method: 'feedback',
    route: 'POST /v1/feedback',
    async run(client) {
      const [memory_id] = await keep(client, newId('tom'), 'I sing.');
      const opinion = { feedback: 'NEGATIVE', feedback_reason: 'Wrong.' };

      const given = await client.feedback({ memory_id, ...opinion });

      expect(given).toMatchObject({ ...opinion, id: expect.any(String) });
    },
  },
  {
    method: 'createMemoryExport',
    route: 'POST /v1/exports',
    async run(client) {
      const user_id = newId('uma');
      await keep(client, user_id, 'I live in Rome.');

      const made = await client.createMemoryExport({
        schema,
        filters: { user_id },
        export_instructions: 'Cities only.',
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
      const user_id = newId('val');
      await keep(client, user_id, 'I live in Bonn.');
      const { id } = await client.createMemoryExport({ schema, filters: { user_id } });

      const exported = await until(
        () => client.getMemoryExport({ memory_export_id: id }).catch((error: Error) => error),
        (result) => !(result instanceof Error && /not_ready/.test(result.message)),
      );

      if (exported instanceof Error) throw exported;
      expect(exported).toEqual(expect.any(Object));
    },
  },
];

/** Methods of the 2.x client for entities, settings, webhooks, feedback and exports. */
export const projectChecks: readonly Check<PublishedMem0>[] = [
  ...entityChecks,
  ...settingChecks,
  ...webhookChecks,
  ...feedbackAndExportChecks,
  // The deletions go on for a while, so they come last.
  deleteEverything,
];
