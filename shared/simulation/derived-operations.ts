import { readExport, startExport } from '../core/derived/exports.ts';
import { readProfile } from '../core/derived/profiles.ts';
import type { ObjectShape } from '../domain/derived/shape.ts';
import { type ClientRun, ownMemories } from './client-run.ts';
import { type History, isMemoryCovered, latestOf } from './history.ts';
import { project, user } from './simulated-service.ts';

const shape: ObjectShape = {
  type: 'object',
  properties: { memories: { type: 'array', items: { type: 'string' } } },
};
const entity = { kind: 'user' as const, id: user };
const filter = { entity: 'user' as const, is: user };
const filters = 'all of the user';

/** Values of all texts of memories that were deleted on request, or by a delete-all, before a step; and of no other memory. */
const deletedTexts = (history: History, before: number): string[] => {
  const all = [...history.memories.values()];
  const isDeleted = (facts: (typeof all)[number]): boolean =>
    (facts.deletedBy === 'request' && latestOf(facts).at <= before) ||
    isMemoryCovered(history.cutoffs, latestOf(facts).memory, before);
  const textsOf = (facts: (typeof all)[number]): string[] =>
    facts.versions.map(({ memory }) => memory.text).filter((text) => text !== '');
  const kept = new Set(all.filter((facts) => !isDeleted(facts)).flatMap(textsOf));
  return all
    .filter(isDeleted)
    .flatMap(textsOf)
    .filter((text) => !kept.has(text));
};

/** Starts an export of all memories of the user, and reads the profile, which starts the generation of a missing one. */
export const derive = async (run: ClientRun): Promise<void> => {
  const { service, platform } = run;
  if (service.random.chance(0.5)) await startExport(platform, project, { filter, filters, shape });
  else await readProfile(platform, project, entity);
  await ownMemories(run);
};

/** Reads the newest export and the profile: neither shows a memory that was deleted before the read began. */
export const readDerived = async ({ service, platform }: ClientRun): Promise<void> => {
  const from = service.scheduler.step();
  const found = await readExport(platform, project, { filters });
  const profile = await readProfile(platform, project, entity);
  const shown = JSON.stringify([found, profile?.value ?? '']);
  for (const text of deletedTexts(service.history, from))
    if (shown.includes(`"${text}"`) || shown.includes(`"${text}\\"`))
      service.report(`an export or a profile shows "${text}", which was deleted before`);
};
