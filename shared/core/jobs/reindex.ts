import { eventKey, eventListing, jobKey, settingKey } from '../../domain/table/keys.ts';
import type { CorePlatform } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { enqueueHints } from '../hint.ts';
import { listProjects } from '../projects/projects.ts';
import { put } from '../steps.ts';

/**
 * Starts a job that gives every memory of the project a vector of the embedder in use; its event.
 * @param formerLayout how the index spread its entries before, when it spreads them anew
 */
export const startReindex = async (
  platform: CorePlatform,
  project: string,
  formerLayout?: string,
): Promise<string> => {
  const id = platform.ids.next();
  const now = platform.clock.now();
  await commit(platform, [
    put(eventKey(project, id), {
      id,
      project,
      kind: 'REINDEX',
      status: 'PENDING',
      stage: 'queued',
      entities: {},
      attempts: 0,
      timings: {},
      tokens: { prompt: 0, completion: 0 },
      createdAt: now,
      updatedAt: now,
      ...eventListing(project, id, now),
    }),
    put(jobKey(project, id), {
      id,
      project,
      kind: 'reindex',
      match: {},
      before: id,
      partitions: ['project'],
      counts: { memories: 0, turns: 0 },
      ...(formerLayout === undefined ? {} : { formerLayout }),
      dueAt: now,
    }),
  ]);
  await enqueueHints(platform, [{ v: 1, kind: 'job', project, job: id }]);
  return id;
};

/** What entries of the index are made with: another embedder or another layout means making them anew. */
export interface IndexedBy {
  embedder: string;
  layout?: string | undefined;
}

/** The first answer of an embedder names its dimension; until then it cannot be compared. */
const isNamed = (embedder: string): boolean => !embedder.endsWith('@auto');

const embedderSetting = settingKey('embedder');
const layoutSetting = settingKey('index-layout');

interface InUse {
  /** The layout before, where there is another now. */
  former?: string | undefined;
  isOther: boolean;
}

/** How what is in use differs from what the installation ran with before; undefined where it does not. */
const changesOf = (
  { embedder, layout }: IndexedBy,
  oldEmbedder: string | undefined,
  oldLayout: string | undefined,
): InUse | undefined => {
  const isKnown = layout === undefined || oldLayout === layout;
  const isSame = oldEmbedder === embedder || !isNamed(embedder);
  if (isSame && isKnown) return undefined;
  return { former: isKnown ? undefined : oldLayout, isOther: oldEmbedder !== undefined && !isSame };
};

/**
 * Re-indexes every project when the embedder or the layout is not the one the installation ran with before; their
 * events. What is in use is recorded last, so that a crash before starts the jobs once more, which does no harm.
 */
export const reindexIfChanged = async (
  platform: CorePlatform,
  inUse: IndexedBy,
): Promise<string[]> => {
  const { store, telemetry } = platform;
  const { embedder, layout } = inUse;
  const [oldEmbedder, oldLayout] = await store.getMany([embedderSetting, layoutSetting]);
  const changes = changesOf(inUse, oldEmbedder?.value, oldLayout?.value);
  if (!changes) return [];
  const { former, isOther } = changes;
  if (isOther)
    telemetry.log('warn', 'reindex.other_embedder', {
      from: oldEmbedder?.value ?? '',
      to: embedder,
    });
  const events: string[] = [];
  for (const { id } of await listProjects(platform))
    if (isOther || former !== undefined) events.push(await startReindex(platform, id, former));
  await commit(platform, [
    ...(isNamed(embedder) ? [put(embedderSetting, { value: embedder })] : []),
    ...(layout === undefined ? [] : [put(layoutSetting, { value: layout })]),
  ]);
  return events;
};
