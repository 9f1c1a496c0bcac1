import type { Context } from 'hono';
import type * as z from 'zod';
import { type AcceptRequest, accept } from '../../../shared/core/accept.ts';
import type { Copies } from '../../../shared/core/accept-group.ts';
import { acceptInto } from '../../../shared/core/collections/accept-into.ts';
import {
  findUnknownCollection,
  isRecorded,
  listCollectionIds,
} from '../../../shared/core/collections/collections.ts';
import { type SearchAnswer, searchMemories } from '../../../shared/core/retrieval/search.ts';
import type { Entities } from '../../../shared/domain/memory/entities.ts';
import type { Filter } from '../../../shared/domain/memory/filter.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import { unitsByWork } from '../access/cost-units.ts';
import type { ApiEnv } from '../http/api-env.ts';
import { HttpError } from '../http/http-error.ts';
import { copyField, type otherStores } from './fields.ts';
import { knowledgebaseNotFound } from './file-operations.ts';
import { filterOf } from './filters.ts';

/** The memory that all users of a project share. */
const publicMemory = { kind: 'shared', id: 'public' } as const;

type Asked = z.output<z.ZodObject<typeof otherStores>>;

/**
 * Returns the knowledge bases of a request, each once.
 * @throws HttpError 404 for an id of none
 */
const knownBases = async (
  platform: Platform,
  project: string,
  given: readonly string[],
  field: string,
): Promise<string[]> => {
  const ids = [...new Set(given)];
  if (ids.length === 0) return ids;
  if ((await findUnknownCollection(platform, project, ids)) !== undefined)
    throw knowledgebaseNotFound(field);
  return ids;
};

/**
 * Returns the owners of the copies that an add asks for: one for public memory, and one for each knowledge base. Charges for them.
 * @throws HttpError 404 for an id of no knowledge base
 */
export const copiesOf = async (
  platform: Platform,
  c: Context<ApiEnv>,
  { allow_public, allow_knowledgebase_ids }: Asked,
): Promise<Entities[]> => {
  const field = 'allow_knowledgebase_ids';
  const { project } = c.get('principal');
  const ids = await knownBases(platform, project, allow_knowledgebase_ids ?? [], field);
  const owners: Entities[] = [
    ...(allow_public ? [{ [publicMemory.kind]: publicMemory.id }] : []),
    ...ids.map((collection) => ({ collection })),
  ];
  c.get('charge')(owners.length * unitsByWork.add);
  return owners;
};

/**
 * Returns what accepts a turn once more for each owner, as a turn of its own: a deletion of the user leaves the copies, and a deletion of a
 * knowledge base leaves the memory of the user. Acceptance throws an HttpError 413 when a copy is too large; the turn stays accepted.
 * @param owners those of `copiesOf`
 */
export const copiesFor = (
  platform: Platform,
  project: string,
  turn: AcceptRequest,
  owners: readonly Entities[],
): Copies => ({
  owners,
  async accept({ owner, of, event, idempotencyKey }) {
    const metadata = { ...turn.metadata, [copyField]: of };
    const copy: AcceptRequest = { ...turn, entities: owner, metadata, event, idempotencyKey };
    const { collection } = owner;
    const copied =
      collection === undefined
        ? await accept(platform, project, copy)
        : await acceptInto(platform, project, collection, copy);
    // A copy into a knowledge base that is deleted meanwhile would be deleted with it.
    if (copied.outcome === 'unknown') return;
    // The id of the turn makes the copy of one at the limit too large.
    if (!('event' in copied))
      throw new HttpError(413, 'turn_too_large', 'The turn is too large to be copied.', {
        field: 'messages',
      });
  },
});

/** Ids of the knowledge bases of a search. */
const searchedBases = async (
  platform: Platform,
  project: string,
  given: readonly string[],
): Promise<string[]> => {
  if (!given.includes('all')) return knownBases(platform, project, given, 'knowledgebase_ids');
  return listCollectionIds(platform, project);
};

const hasPublicMemory = (platform: Platform, project: string): Promise<boolean> =>
  isRecorded(platform, project, publicMemory);

/** A search of memories that belong to no owner. */
export interface OtherSearch {
  query: string;
  filter: unknown;
  knowledgebases: readonly string[];
  topK: number;
  threshold: number;
}

const nothing: SearchAnswer = { memories: [], degraded: [] };

/**
 * Searches public memory, if there is any, and knowledge bases. Done beside the search of the owner's memory, so that much that others
 * write hides nothing that the owner said just now.
 * @throws HttpError 404 for an id of no knowledge base, 400 for a filter that is not valid
 */
export const searchOtherStores = async (
  platform: Platform,
  c: Context<ApiEnv>,
  { filter: given, knowledgebases, ...search }: OtherSearch,
): Promise<SearchAnswer> => {
  const { project } = c.get('principal');
  const [isShared, ids] = await Promise.all([
    hasPublicMemory(platform, project),
    searchedBases(platform, project, knowledgebases),
  ]);
  const parts: Filter[] = [];
  if (isShared)
    parts.push({
      all: [{ entity: publicMemory.kind, is: publicMemory.id }, filterOf(given, 'public')],
    });
  if (ids.length > 0) {
    const any = ids.map((is): Filter => ({ entity: 'collection', is }));
    parts.push({ all: [{ any }, filterOf(given, 'knowledgebase')] });
  }
  if (parts.length === 0) return nothing;
  c.get('charge')(unitsByWork.search);
  return searchMemories(platform, project, {
    ...search,
    filter: { any: parts },
    fills: false,
    includeMessages: 'unlearnt',
  });
};
