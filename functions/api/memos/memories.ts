import * as z from 'zod';
import { getMemory } from '../../../shared/core/memories/read-memories.ts';
import type { UpdateResult } from '../../../shared/core/memories/update-memory.ts';
import { listMemories } from '../../../shared/core/retrieval/list.ts';
import { isUuid } from '../../../shared/domain/ids.ts';
import { isDerivedId } from '../../../shared/domain/memory/derived-ids.ts';
import { countPartConditions, type Filter } from '../../../shared/domain/memory/filter.ts';
import type { MemoryView } from '../../../shared/domain/memory/memory.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import { unitsOfPartConditions } from '../access/cost-units.ts';
import { MemoryId } from '../http/answers.openapi.ts';
import { HttpError, invalid } from '../http/http-error.ts';
import { omitNullish } from '../http/omit-nullish.ts';
import { Count } from '../http/paging.ts';
import { redactedEdit } from '../http/redacted-edit.ts';
import { createRoutes } from '../http/routes.ts';
import { Text } from '../http/text.ts';
import { describe } from '../openapi/describe.ts';
import { exampleIds } from '../openapi/example-ids.openapi.ts';
import { success, successPaced } from './answer.ts';
import { Done, ListAnswer, MemosError, OneMemory } from './answers.openapi.ts';
import { memoryNotFound } from './errors.ts';
import { memosLimits, ownerFields, ownerOf } from './fields.ts';
import { filterOf } from './filters.ts';
import { byList, listsOf, memoryBody } from './items.ts';
import { viewFields, wantedLists } from './views.ts';

const defaultSize = 10;
const maxTitle = 120;

const List = z.object({
  ...ownerFields,
  ...viewFields,
  filter: z.unknown().optional(),
  page: Count.nullish(),
  current: Count.nullish(),
  size: Count.max(memosLimits.pageSize, `must be at most ${memosLimits.pageSize}`).nullish(),
});
type List = z.output<typeof List>;

const Update = z.object({
  memory_id: z.string().max(memosLimits.idLength),
  content: Text.nullish(),
  title: z.string().trim().min(1, 'must not be empty').max(maxTitle).nullish(),
  status: z
    .literal('activated', 'must be "activated": use delete/memory to remove a memory')
    .nullish(),
});

const listFilter = (body: List): Filter => {
  const owner = ownerOf(body);
  const source = owner.user === undefined ? 'agent' : 'user';
  return {
    all: [{ entity: source, is: owner.user ?? owner.agent ?? '' }, filterOf(body.filter, source)],
  };
};

const notUpdated = (outcome: Exclude<UpdateResult['outcome'], 'updated'>): HttpError => {
  switch (outcome) {
    case 'not_found':
      return memoryNotFound();
    case 'immutable':
      return new HttpError(400, 'memory_immutable', 'This memory is immutable.');
    case 'closed':
      return new HttpError(409, 'memory_closed', 'This memory is archived and cannot be changed.');
    case 'is_source':
      return new HttpError(409, 'message_is_source', 'A message keeps its words.');
  }
};

const isMemoryId = (id: string): boolean => isUuid(id) || isDerivedId(id);

/** Routes that list, look up and change memories. */
export const memoryRoutes = (platform: Platform) => {
  const routes = createRoutes('MemOS: memories');

  routes.post('/api/openmem/v1/get/memory', {
    permission: 'read',
    work: 'list',
    body: List,
    openapi: describe(() => ({
      operationId: 'memosGetMemories',
      summary: 'List memories by kind',
      description: 'Newest first. `total` is that of the longest list.',
      responses: { 200: ListAnswer },
      errorBody: MemosError,
      example: { body: { user_id: 'ana', page: 1, size: 10 } },
    })),
    handler: async (c, read) => {
      const body = await read.body();
      const filter = listFilter(body);
      c.get('charge')(unitsOfPartConditions(countPartConditions(filter)));
      const { memories } = await listMemories(platform, c.get('principal').project, {
        filter,
        skip: 0,
        limit: Number.POSITIVE_INFINITY,
      });
      const size = body.size ?? defaultSize;
      const current = body.page ?? body.current ?? 1;
      const wanted = wantedLists(body, true);
      const lists = byList(memories);
      const all = {
        memory: wanted.memory ? lists.memory : [],
        preference: wanted.preference ? lists.preference : [],
        tool: wanted.tool ? lists.tool : [],
      };
      const pageOf = (list: readonly MemoryView[]) =>
        list.slice((current - 1) * size, current * size);
      const total = Math.max(all.memory.length, all.preference.length, all.tool.length);
      return successPaced(c, platform, {
        ...listsOf({
          memory: pageOf(all.memory),
          preference: pageOf(all.preference),
          tool: pageOf(all.tool),
        }),
        total,
        size,
        current,
        pages: Math.ceil(total / size),
      });
    },
  });

  routes.get('/api/openmem/v1/get/memory/:id', {
    permission: 'read',
    openapi: describe(() => ({
      operationId: 'memosGetMemory',
      summary: 'Get a memory in the form of MemOS',
      params: { id: MemoryId },
      responses: { 200: OneMemory },
      errors: { 404: ['memory_not_found'] },
      errorBody: MemosError,
      example: { params: { id: exampleIds.memory } },
    })),
    handler: async (c) => {
      const id = (c.req.param('id') ?? '').toLowerCase();
      const found = isMemoryId(id)
        ? await getMemory(platform, c.get('principal').project, id)
        : undefined;
      if (!found) throw memoryNotFound();
      return success(c, memoryBody(found));
    },
  });

  routes.post('/api/openmem/v1/update/memory', {
    permission: 'write',
    body: Update,
    openapi: describe(() => ({
      operationId: 'memosUpdateMemory',
      summary: 'Change a memory in the form of MemOS',
      responses: { 200: Done },
      errors: {
        400: ['memory_immutable', 'sensitive_value'],
        404: ['memory_not_found'],
        409: ['memory_closed', 'message_is_source', 'not_refined'],
      },
      errorBody: MemosError,
      example: { body: { memory_id: exampleIds.memory, content: 'User is vegan.', title: 'Diet' } },
    })),
    handler: async (c, read) => {
      const { memory_id, content, title, status } = await read.body();
      if (content == null && title == null && status == null)
        throw invalid('content', 'content is required, unless title or status is given.');
      const id = memory_id.toLowerCase();
      if (!isMemoryId(id)) throw memoryNotFound();
      const asked = omitNullish({ text: content, title });
      const edit = await redactedEdit(platform, c, asked, { text: 'content' });
      const { updateMemory } = await import('../http/edits.ts');
      const updated = await updateMemory(platform, c.get('principal').project, id, edit);
      if (updated.outcome !== 'updated') throw notUpdated(updated.outcome);
      if (updated.memory.rough && content == null)
        throw new HttpError(
          409,
          'not_refined',
          'This memory is not refined yet, so it has no title of its own: change its content, or wait.',
          { field: 'title' },
        );
      return success(c, { success: true });
    },
  });

  return routes.all;
};
