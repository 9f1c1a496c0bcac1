import { getOrCreateProject } from '../../../shared/core/projects/projects.ts';
import { analyze } from '../../../shared/domain/memory/analyzer.ts';
import { parseVectorId } from '../../../shared/domain/memory/vector-id.ts';
import { memoryKey } from '../../../shared/domain/table/keys.ts';
import type { SettledService } from '../settled-service.ts';
import type { Label, User } from './dataset.ts';
import { type Features, featuresOf } from './features.ts';
import type { Variant } from './questionnaire.ts';

/** Features of a query and a memory, with the label of the fact that the memory was added with. */
export interface FeatureRow {
  variant: Variant;
  user: string;
  query: string;
  fact: string;
  label: Label | 'nonsense';
  features: Features;
}

/** More than the number of memories of a user, so that each is a hit. */
const limit = 400;

/**
 * Computes the features of a query with every memory of a user, from what the ranker has: the index's statistics and
 * cosines, and the stored terms.
 */
const featuresOfAll = async ({ platform }: SettledService, user: string, query: string) => {
  const { embedder, store, vectorIndex } = platform;
  const project = await getOrCreateProject(platform, 'default');
  const queryTerms = [...new Set(analyze(query))];
  const [vector] = await embedder.embed([query], { project: project.id });
  const { hits, statistics } = await vectorIndex.query({
    project: project.id,
    classes: ['memory'],
    partitions: [{ kind: 'user', id: user }],
    ...(vector ? { dense: { model: embedder.model, vector } } : {}),
    terms: queryTerms,
    limit,
  });
  if (!statistics) throw new Error('the index has no statistics');
  const ids = hits.map((hit) => parseVectorId(hit.id).id);
  const memories = await store.getMany(ids.map((id) => memoryKey(project.id, id)));
  const features = featuresOf({ query, queryTerms, statistics });
  return hits.flatMap(({ semantic }, i) => {
    const memory = memories[i];
    if (memory?.state !== 'live') return [];
    const { text, terms, metadata } = memory;
    const cosine = semantic === undefined ? {} : { cosine: semantic };
    return [{ fact: String(metadata['fact']), features: features({ text, terms, ...cosine }) }];
  });
};

/** Rows of a user's questions and of queries that nothing answers. */
export const featureRowsOf = async (
  service: SettledService,
  variant: Variant,
  user: User,
  nonsense: readonly string[],
): Promise<FeatureRow[]> => {
  const asked = [
    ...user.questions,
    ...nonsense.map((text) => ({ text, labels: new Map<string, Label>() })),
  ];
  const rows: FeatureRow[] = [];
  for (const { text: query, labels } of asked)
    for (const { fact, features } of await featuresOfAll(service, user.name, query)) {
      const label = labels.get(fact) ?? 'nonsense';
      rows.push({ variant, user: user.name, query, fact, label, features });
    }
  return rows;
};
