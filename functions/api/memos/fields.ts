import * as z from 'zod';
import type { Entities } from '../../../shared/domain/memory/entities.ts';
import type { Metadata as DomainMetadata } from '../../../shared/domain/memory/turn.ts';
import { EntityId } from '../http/entity-ids.ts';
import { invalid } from '../http/http-error.ts';
import { isRecord } from '../http/is-record.ts';
import { listOf, nonEmptyListOf } from '../http/list-of.ts';
import { Metadata } from '../http/metadata.ts';
import { omitNullish } from '../http/omit-nullish.ts';
import { Count } from '../http/paging.ts';

/** Bounds of this surface besides those of every request. */
export const memosLimits = {
  idLength: 100,
  owners: 20,
  tags: 50,
  tagLength: 100,
  pageSize: 50,
  basePageSize: 100,
  messages: 50,
  items: 25,
  addedBases: 20,
  searchedBases: 50,
} as const;

/** Window of repeats, ms: clients of MemOS send a request again that was not answered within 5 s or more. */
export const repeatWindowMs = 30_000;

/** An id, or a list with one. */
const oneOf = <S extends z.ZodType>(id: S) =>
  z.preprocess((value) => (Array.isArray(value) && value.length === 1 ? value[0] : value), id);

const OwnId = EntityId.refine(
  (id) => id.length <= memosLimits.idLength,
  `must be at most ${memosLimits.idLength} characters long`,
);
const Id = oneOf(OwnId);

/** An id, or a list of different ones. */
const Ids = z
  .union([OwnId.transform((id) => [id]), nonEmptyListOf(OwnId, memosLimits.owners)], {
    error: (issue) =>
      issue.code === 'invalid_union'
        ? issue.errors[Array.isArray(issue.input) ? 1 : 0]?.[0]?.message
        : undefined,
  })
  .transform((ids) => [...new Set(ids)]);

/** Fields for the owner of the memory that a request is about. */
export const ownerFields = { user_id: Id.nullish(), agent_id: Id.nullish() };
/** Owners of an add: several users, or several agents, have a turn each. */
export const ownersFields = {
  user_id: Ids.nullish(),
  user_ids: Ids.nullish(),
  agent_id: Ids.nullish(),
};
/** Forms send empty text for a field without a value. */
export const conversationField = {
  conversation_id: z.preprocess((id) => (id === '' ? undefined : id), Id.nullish()),
};
export const appField = { app_id: Id.nullish() };

type Owner = z.output<z.ZodObject<typeof ownerFields>>;

/**
 * Returns the one owner of a search or a list.
 * @throws HttpError 400 unless exactly one id is given
 */
export const ownerOf = ({ user_id: user, agent_id: agent }: Owner): Entities => {
  if (user == null && agent == null)
    throw invalid('user_id', 'user_id is required, unless agent_id is given.');
  if (user != null && agent != null)
    throw invalid('agent_id', 'agent_id must not be given together with user_id.');
  return omitNullish({ user, agent });
};

/**
 * Returns the owners of each turn of an add.
 * @throws HttpError 400 if there is none, or if both users and agents are several
 */
export const ownersOf = ({
  user_id,
  user_ids,
  agent_id,
}: z.output<z.ZodObject<typeof ownersFields>>): [Entities, ...Entities[]] => {
  const users = user_id ?? user_ids ?? [];
  const agents = agent_id ?? [];
  if (users.length > 1 && agents.length > 1)
    throw invalid('agent_id', 'agent_id must be one id, since there are several users.');
  const [user] = users;
  const [agent] = agents;
  const [first, ...others] =
    users.length > 1
      ? users.map((user) => omitNullish({ user, agent }))
      : agents.map((agent) => omitNullish({ user, agent }));
  if (first) return [first, ...others];
  if (user === undefined)
    throw invalid('user_id', 'user_id is required, unless agent_id is given.');
  return [{ user }];
};

export const Flag = z.union([z.boolean(), z.stringbool()], { error: 'must be true or false' });

const Tag = z.string().trim().min(1, 'must not be empty').max(memosLimits.tagLength);
export const Tags = listOf(Tag, memosLimits.tags);

/** Key of the metadata of a copy: the turn that was copied. */
export const copyField = 'copy_of';

/** Keys that have a meaning of their own, which no `info` may replace. */
const reserved: ReadonlySet<string> = new Set([
  'tags',
  'user_id',
  'agent_id',
  'app_id',
  'conversation_id',
  'create_time',
  'update_time',
  'related_id',
  copyField,
]);

const isInfoValue = (value: unknown): boolean =>
  typeof value === 'string' ||
  typeof value === 'number' ||
  typeof value === 'boolean' ||
  value === null ||
  (Array.isArray(value) && value.every((entry) => typeof entry === 'string'));

/** Fields of the caller. Reserved names are dropped. */
export const Info = Metadata.refine((info) => Object.values(info).every(isInfoValue), {
  error: 'must have only texts, numbers and lists of texts as its values',
}).transform(
  (info): DomainMetadata =>
    Object.fromEntries(Object.entries(info).filter(([key]) => !reserved.has(key))),
);

/** Metadata of a turn: the fields of the caller, and the caller's tags under `tags`. */
export const metadataOf = (
  info: DomainMetadata | null | undefined,
  tags: readonly string[] | null | undefined,
): DomainMetadata => ({ ...info, ...(tags?.length ? { tags: [...tags] } : {}) });

/** Parts of metadata as this surface shows them. */
export const infoOf = (metadata: DomainMetadata): { info: DomainMetadata; tags: string[] } => {
  const { tags, [copyField]: _, ...info } = metadata;
  const texts = Array.isArray(tags) ? tags : [];
  return { info, tags: texts.filter((tag) => typeof tag === 'string') };
};

/** Id of a knowledge base or of a file. */
export const KnowledgebaseId = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(memosLimits.idLength);

/** Page of a list of knowledge bases or their files, from 1. */
export const basePageFields = {
  page: Count.nullish().transform((page) => page ?? 1),
  size: Count.max(memosLimits.basePageSize, `must be at most ${memosLimits.basePageSize}`)
    .nullish()
    .transform((size) => size ?? 10),
};

/** Stores besides the owner's memory to which an add goes as well. */
export const otherStores = {
  allow_public: Flag.nullish(),
  allow_knowledgebase_ids: listOf(KnowledgebaseId, memosLimits.addedBases).nullish(),
};

/** Knowledge bases of a search: their ids, or `all`. */
export const knowledgebaseField = {
  knowledgebase_ids: z.preprocess(
    (value) => (typeof value === 'string' ? [value] : value),
    listOf(KnowledgebaseId, memosLimits.searchedBases).nullish(),
  ),
};
/** Whether a value is an object with a single key. */
export const isCondition = (value: unknown): value is { readonly [key: string]: unknown } =>
  isRecord(value) && Object.keys(value).length === 1;
