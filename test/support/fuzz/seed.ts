import * as z from 'zod';
import { entityKinds } from '../../../shared/domain/memory/entities.ts';
import type { Json } from '../../../shared/domain/memory/turn.ts';
import { jsonRequest, parseJson, type Send } from './exchange.ts';
import { deepMetadata, hostileTexts, ideographs, times, wideMetadata } from './hostile-values.ts';

/** Ids of seeded data, by the kinds of placeholders. */
export type Pools = { [kind: string]: string[] };

const perTurn = 100;
const pageSize = 200;

const Ids = z.array(z.object({ id: z.string() }));
const Page = z.object({ results: Ids });
const Found = z.object({
  results: z.array(z.object({ source: z.object({ id: z.string() }).optional() })),
});
const Cursor = Page.extend({ cursor: z.string().nullish(), next: z.string().nullish() });

/** Filter for the entities of every kind with an id. */
export const everyKind = (id: string): Json => ({
  OR: entityKinds.map((kind) => ({ [`${kind}_id`]: id })),
});

/** Fills a project through its API. */
export const createSeeder = (send: Send, key: string) => {
  const call = async (line: string, body?: Json): Promise<Json | undefined> => {
    const answered = await send(jsonRequest(key, line, body));
    if (answered.status >= 300) throw new Error(`${line}: ${answered.status} ${answered.text}`);
    return parseJson(answered);
  };

  const addMemories = async (user: string, count: number): Promise<void> => {
    for (let made = 0; made < count; made += perTurn)
      await call('POST /v3/memories/add', {
        messages: Array.from({ length: Math.min(perTurn, count - made) }, (_, index) => ({
          role: 'user',
          content: `Fact ${made + index}: ${user} likes the ${made + index}th kind of tea.`,
        })),
        user_id: user,
        infer: false,
      });
  };

  const memoriesOf = async (user: string, count: number): Promise<string[]> => {
    const found: string[] = [];
    for (let page = 1; found.length < count; page++) {
      const query = `user_id=${user}&page_size=${pageSize}&page=${page}`;
      const listed = Page.parse(await call(`GET /v1/memories?${query}`));
      found.push(...listed.results.map(({ id }) => id));
    }
    return found;
  };

  /** Ids of messages of a user, from which memories were drawn. */
  const messagesOf = async (user: string): Promise<string[]> => {
    const body = { query: `${user} likes tea`, filters: { user_id: user }, top_k: 50 };
    const { results } = Found.parse(await call('POST /v3/memories/search', body));
    return results.flatMap(({ source }) => source?.id ?? []);
  };

  return {
    call,
    memoriesOf,
    messagesOf,

    /** Adds memories of a user; their ids, newest first. */
    async user(user: string, count: number): Promise<string[]> {
      await addMemories(user, count);
      return memoriesOf(user, count);
    },

    /** Adds memories of many terms and large metadata that an entity of each kind lists. */
    async everywhere(name: string, count: number): Promise<void> {
      for (let made = 0; made < count; made += perTurn)
        await call('POST /v3/memories/add', {
          messages: [{ role: 'user', content: 'x' }],
          deduced_memories: Array.from(
            { length: Math.min(perTurn, count - made) },
            (_, index) => `${ideographs} number ${made + index}`,
          ),
          metadata: { wide: times('x', made === 0 ? 30_000 : 300) },
          infer: false,
          ...Object.fromEntries(
            ['user', 'agent', 'app', 'run'].map((kind) => [`${kind}_id`, name]),
          ),
        });
    },

    /** Searches, which loads the index of the filter's entities. */
    search: (filters: Json) => call('POST /v3/memories/search', { query: 'tea', filters }),

    /** Replaces texts and metadata of memories with hostile ones. */
    async makeHostile(memories: readonly string[]): Promise<void> {
      for (const [index, memory] of memories.entries()) {
        const text = hostileTexts[index % hostileTexts.length] ?? 'x';
        const metadata = index % 2 === 0 ? deepMetadata : wideMetadata;
        await call(`PUT /v1/memories/${memory}`, { text, metadata });
      }
    },

    async endpoint(url: string, fields: { [name: string]: Json }): Promise<string> {
      const made = await call('POST /v1/endpoints', { url, ...fields });
      return z.object({ id: z.string() }).parse(made).id;
    },

    async addTurn(user: string, content: string): Promise<string> {
      const body = { messages: [{ role: 'user', content }], user_id: user };
      const made = await call('POST /v1/turns', body);
      return z.object({ event_id: z.string() }).parse(made).event_id;
    },

    async knowledgebase(knowledgebase_name: string): Promise<string> {
      const made = await call('POST /api/openmem/v1/create/knowledgebase', { knowledgebase_name });
      return z.object({ data: z.object({ id: z.string() }) }).parse(made).data.id;
    },

    async files(knowledgebase_id: string, count: number): Promise<string[]> {
      const file = Array.from({ length: count }, (_, index) => ({
        name: `${index}.md`,
        content: `data:text/markdown,Rule%20number%20${index}.`,
      }));
      const made = await call('POST /api/openmem/v1/add/knowledgebase-file', {
        knowledgebase_id,
        file,
      });
      return z
        .object({ data: Ids })
        .parse(made)
        .data.map(({ id }) => id);
    },

    async ids(line: string): Promise<{ ids: string[]; cursor: string }> {
      const { results, cursor, next } = Cursor.parse(await call(line));
      const after = next && new URL(next, 'http://service.test').searchParams.get('after');
      return { ids: results.map(({ id }) => id), cursor: cursor ?? after ?? '' };
    },
  };
};
export type Seeder = ReturnType<typeof createSeeder>;

export interface SeedSizes {
  /** Memories of the user whom most requests read. */
  memories: number;
  /** Memories that an entity of each kind lists. */
  everywhere: number;
  /** Memories of each user whom requests delete; few, because deletion is slow. */
  memoriesToDelete: number;
  hostileMemories: number;
  victims: number;
  turns: number;
  endpoints: number;
}

const quietSettings = { event_types: ['endpoint.disabled'] };
/** Leaves out users with mass deletions: their notifications would take longer than the deletions. */
const busySettings = { event_types: ['*'], filters: { user_id: ['full', 'talker', 'subscribed'] } };

/**
 * Creates the data that the examples need, through the API.
 *
 * @param settle waits for background work
 */
export const seed = async (
  seeder: Seeder,
  url: string,
  { memories, everywhere, memoriesToDelete, hostileMemories, victims, turns, endpoints }: SeedSizes,
  settle: () => Promise<unknown>,
): Promise<Pools> => {
  const memoryIds = await seeder.user('full', memories);
  await seeder.makeHostile(memoryIds.slice(0, hostileMemories));
  await seeder.everywhere('everywhere', everywhere);
  const spare = await seeder.user('spare', memoriesToDelete);
  const victim = Array.from({ length: victims }, (_, index) => `victim-${index}`);
  for (const user of victim) await seeder.user(user, memoriesToDelete);
  await settle();
  const busyEndpoint = [await seeder.endpoint(url, busySettings)];
  const quietEndpoints: string[] = [];
  for (let count = 0; count < endpoints; count++)
    quietEndpoints.push(await seeder.endpoint(url, quietSettings));
  const event: string[] = [];
  for (let turn = 0; turn < turns; turn++)
    event.push(await seeder.addTurn('talker', `I have been to country number ${turn}.`));
  await settle();
  const message = await seeder.messagesOf('full');
  const [busy = ''] = busyEndpoint;
  const { id: recovery } = z
    .object({ id: z.string() })
    .parse(await seeder.call(`POST /v1/endpoints/${busy}/recover`, { since: '2026-01-01' }));
  const knowledgebase = [await seeder.knowledgebase('full')];
  const file = await seeder.files(knowledgebase[0] ?? '', 20);
  const spareBase: string[] = [];
  for (let made = 0; made < 5; made++) spareBase.push(await seeder.knowledgebase(`spare ${made}`));
  await settle();
  const deliveries = await seeder.ids(`GET /v1/endpoints/${busy}/deliveries?limit=50`);
  const { cursor } = await seeder.ids('GET /v1/notifications?limit=50');
  const { org_id: organization, project_id: project } = z
    .object({ org_id: z.string(), project_id: z.string() })
    .parse(await seeder.call('GET /v1/ping'));
  const key: string[] = [];
  for (let made = 0; made < 20; made++) {
    const created = await seeder.call('POST /v1/keys', { name: `key ${made}` });
    key.push(z.object({ id: z.string() }).parse(created).id);
  }
  return {
    key,
    today: [new Date().toISOString().slice(0, 10)],
    url: [url],
    knowledgebase,
    spareBase,
    file,
    organization: [organization],
    project: [project],
    memory: memoryIds,
    message,
    spare,
    victim,
    event,
    busyEndpoint,
    endpoint: quietEndpoints,
    recovery: [recovery],
    delivery: deliveries.ids,
    deliveryCursor: [deliveries.cursor],
    notificationCursor: [cursor],
  };
};
