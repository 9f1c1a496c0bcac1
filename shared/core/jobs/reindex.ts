import { TerminalError } from '../../domain/errors.ts';
import { jobKey, settingKey } from '../../domain/table/keys.ts';
import { storedWordsLayout } from '../../domain/vector-layout.ts';
import type { CorePlatform } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { enqueueHints, hints } from '../hints.ts';
import { listProjects } from '../projects/projects.ts';
import { newEvent, put } from '../steps.ts';

const embedderSetting = settingKey('embedder');
const layoutSetting = settingKey('index-layout');

type ReindexDeps = Pick<
  CorePlatform,
  'store' | 'clock' | 'ids' | 'turns' | 'notifications' | 'telemetry'
>;

/**
 * Starts a job that indexes the memories and messages of the project again, with the embedder in use: all of them when the layout
 * has changed, else those whose vectors are of another embedder. Returns the id of its event.
 * Event and job are committed together, so a crash leaves both or none; a repeated call starts another job.
 * @param formerLayout the layout that the index had before, when it has changed
 */
export const startReindex = async (
  platform: ReindexDeps,
  project: string,
  formerLayout?: string,
): Promise<string> => {
  const id = platform.ids.next();
  const now = platform.clock.now();
  await commit(platform, [
    newEvent({
      id,
      project,
      kind: 'REINDEX',
      entities: {},
      createdAt: now,
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
  await enqueueHints(platform, [hints.job(project, id)]);
  return id;
};

/**
 * Starts a job that indexes all memories and messages of the project again, in the layout in use: for an index that has lost entries, or
 * does not belong to a restored store. Returns the id of its event; undefined if there is no index whose layout is known.
 */
export const startFullReindex = async (
  platform: ReindexDeps,
  project: string,
): Promise<string | undefined> => {
  const layout = await platform.store.get(layoutSetting);
  return layout && startReindex(platform, project, layout.value);
};

/** Configuration of the index; when the embedder or the layout changes, every entry has to be made again. */
export interface IndexConfig {
  embedder: string;
  layout?: string | undefined;
}

/** Whether the name includes the dimension, which an `auto` embedder learns from its first answer; before that, names cannot be compared. */
const isNamed = (embedder: string): boolean => !embedder.endsWith('@auto');

interface ConfigChange {
  /** The layout before the change; undefined when the layout is the same. */
  previousLayout: string | undefined;
  isOtherEmbedder: boolean;
}

/** Compares the configuration with the one the installation ran with before; undefined when nothing changed. */
const configChange = (
  { embedder, layout }: IndexConfig,
  oldEmbedder: string | undefined,
  oldLayout: string | undefined,
): ConfigChange | undefined => {
  const isSameLayout = layout === undefined || oldLayout === layout;
  const isSameEmbedder = oldEmbedder === embedder || !isNamed(embedder);
  if (isSameEmbedder && isSameLayout) return undefined;
  return {
    previousLayout: isSameLayout ? undefined : oldLayout,
    isOtherEmbedder: oldEmbedder !== undefined && !isSameEmbedder,
  };
};

const checkStoredWords = (oldLayout = '', layout = ''): void => {
  if (!oldLayout.startsWith(storedWordsLayout) || layout.startsWith(storedWordsLayout)) return;
  throw new TerminalError(
    'bad_setting',
    'The table has the words of an index on S3 Vectors, which another index would not erase: set TURNSTONE_INDEX=s3vectors.',
  );
};

/**
 * Starts a re-indexing of every project when the embedder or the layout is not the one the installation ran with before.
 * Returns the ids of the events. The new configuration is recorded last: a crash before that starts the jobs twice, which
 * does no harm.
 * @throws TerminalError `bad_setting` when the store has words of an index that this one would never erase
 */
export const reindexIfChanged = async (
  platform: CorePlatform,
  config: IndexConfig,
): Promise<string[]> => {
  const { store, telemetry } = platform;
  const { embedder, layout } = config;
  const [oldEmbedder, oldLayout] = await store.getMany([embedderSetting, layoutSetting]);
  checkStoredWords(oldLayout?.value, layout);
  const change = configChange(config, oldEmbedder?.value, oldLayout?.value);
  if (!change) return [];
  const { previousLayout, isOtherEmbedder } = change;
  if (isOtherEmbedder)
    telemetry.log('warn', 'reindex.other_embedder', {
      from: oldEmbedder?.value ?? '',
      to: embedder,
    });
  const events: string[] = [];
  for (const { id } of await listProjects(platform))
    if (isOtherEmbedder || previousLayout !== undefined)
      events.push(await startReindex(platform, id, previousLayout));
  await commit(platform, [
    ...(isNamed(embedder) ? [put(embedderSetting, { value: embedder })] : []),
    ...(layout === undefined ? [] : [put(layoutSetting, { value: layout })]),
  ]);
  return events;
};
