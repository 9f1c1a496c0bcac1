import fc from 'fast-check';
import { filterOf } from '../../../functions/api/mem0/filters/filters.ts';
import { metadataOf, names } from '../../../shared/adapters/pinecone/metadata.ts';
import { viewOf } from '../../../shared/core/retrieval/view.ts';
import type { Filter } from '../../../shared/domain/memory/filter.ts';
import { indexedConditions } from '../../../shared/domain/memory/filter.ts';
import type { Memory } from '../../../shared/domain/memory/memory.ts';
import { pushedDown } from '../../../shared/domain/memory/pushdown.ts';
import type { Json } from '../../../shared/domain/memory/turn.ts';
import { memoryKey } from '../../../shared/domain/table/keys.ts';
import type { Store } from '../../../shared/ports/store.ts';
import { openService, type TestService } from '../in-memory-service.ts';
import { compileFilter } from '../pinecone-server/metadata-filter.ts';
import { holds } from './naive-evaluator.ts';
import { anyFilter, samples } from './random-filters.ts';

/** Adds the samples. Returns the id of each. */
const fill = async ({ client }: TestService): Promise<string[]> => {
  const ids: string[] = [];
  for (const { text, ids: entities, metadata, timestamp, expiresOn } of samples) {
    const { body } = await client('POST /v3/memories/add', {
      body: {
        messages: [{ role: 'user', content: text }],
        infer: false,
        metadata,
        timestamp,
        ...entities,
        ...(expiresOn === undefined ? {} : { expiration_date: expiresOn }),
      },
    });
    ids.push(body.results[0].id);
  }
  return ids;
};

/** Ids that the embedded index finds, without the memories that its hits turn out not to be. */
const idsInIndex = async ({ platform }: TestService, project: string, filter: Filter) => {
  const { hits } = await platform.vectorIndex.query({
    project,
    partitions: ['project'],
    terms: ['memo'],
    classes: ['memory'],
    filter: indexedConditions(filter),
    limit: samples.length,
  });
  return hits.map(({ id }) => id.split('#')[0] ?? '');
};

/** Whether Pinecone would show the memory to the core, whatever it does with missing fields. */
const passesPinecone = (filter: Filter, memory: Memory): boolean => {
  const pushed = pushedDown(filter, names);
  if (typeof pushed === 'boolean') return pushed;
  const metadata = metadataOf(
    { id: `${memory.id}#1`, class: 'memory', target: viewOf(memory) },
    new Map(),
  );
  return [true, false].every((missingDiffers) =>
    compileFilter(pushed, { missingDiffers })(metadata),
  );
};

/** Waits until the index has all samples. */
const untilIndexed = async (service: TestService, project: string): Promise<void> => {
  while ((await idsInIndex(service, project, { all: [] })).length < samples.length)
    await new Promise((resolve) => setTimeout(resolve, 20));
};

const difference = (of: readonly string[], without: readonly string[]): string[] =>
  of.filter((id) => !without.includes(id));

/**
 * Compares random filters of the API with the naive evaluator: the list of the service has to be the same, and neither index may
 * drop a match. A failure is shrunk to a small filter.
 * @param options with a `store`, lists alone are compared: the embedded index is part of the embedded store
 * @throws Error that has the filter and the seed
 */
export const checkFilters = async (
  runs: number,
  seed: number,
  options: { store?: Store } = {},
): Promise<void> => {
  const service = await openService(options);
  try {
    const ids = await fill(service);
    const { body } = await service.client('GET /v1/ping');
    const stored = await service.platform.store.getMany(
      ids.map((id) => memoryKey(body.project_id, id)),
    );
    const hasIndex = options.store === undefined;
    if (hasIndex) await untilIndexed(service, body.project_id);
    await fc.assert(
      fc.asyncProperty(anyFilter, async (drawn: { [key: string]: Json }) => {
        const filters = { AND: [{ user_id: '*' }, drawn] };
        const expected = ids.filter((_, at) => samples[at] && holds(drawn, samples[at]));
        const listed = await service.client('POST /v3/memories?page_size=200', {
          body: { filters },
        });
        if (listed.status !== 200) throw new Error(`${listed.status}: ${listed.body.detail}`);
        const found = listed.body.results.map(({ id }: { id: string }) => id);
        const filter = filterOf(filters);
        const indexed = hasIndex ? await idsInIndex(service, body.project_id, filter) : expected;
        const pinecone = stored.flatMap((memory) =>
          memory && passesPinecone(filter, memory) ? [memory.id] : [],
        );

        const wrong = {
          missing: difference(expected, found),
          extra: difference(found, expected),
          droppedBySqlite: difference(expected, indexed),
          droppedByPinecone: difference(expected, pinecone),
        };
        if (Object.values(wrong).some((some) => some.length > 0))
          throw new Error(JSON.stringify({ filters, wrong }));
      }),
      { numRuns: runs, seed },
    );
  } finally {
    await service.close();
  }
};
