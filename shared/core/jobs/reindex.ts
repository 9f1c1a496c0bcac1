import { eventKey, eventListing, jobKey, settingKey } from '../../domain/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { hint } from '../hint.ts';
import { listProjects } from '../projects.ts';
import { put } from '../steps.ts';

/** Starts a job that gives every memory of the project a vector of the embedder in use; its event. */
export const startReindex = async (platform: Platform, project: string): Promise<string> => {
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
      dueAt: now,
    }),
  ]);
  await hint(platform, [{ v: 1, kind: 'job', project, job: id }]);
  return id;
};

const embedderSetting = settingKey('embedder');

/** Re-indexes every project when the embedder is not the one the installation ran with before; their events. */
export const reindexIfChanged = async (platform: Platform): Promise<string[]> => {
  const { store, embedder } = platform;
  const before = await store.get(embedderSetting);
  if (before?.value === embedder.model) return [];
  const events: string[] = [];
  if (before)
    for (const { id } of await listProjects(platform))
      events.push(await startReindex(platform, id));
  await commit(platform, [put(embedderSetting, { value: embedder.model })]);
  return events;
};
