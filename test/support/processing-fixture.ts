import { requestProcessing } from '../../shared/core/processing/request-processing.ts';
import { getTask, listTasks } from '../../shared/core/processing/tasks.ts';
import { holdOf, type ProcessingSettings } from '../../shared/domain/processing.ts';
import type { FullPlatform } from '../../shared/ports/platform.ts';
import { type CoreFixture, project, textsOf } from './core-fixture.ts';

/** The user whose turns are processed. */
export const user = { kind: 'user', id: 'alice' } as const;
const manual: ProcessingSettings = { autoProcess: false };

/** Adds a turn of one message under these settings, without working on it. */
export const say = (service: CoreFixture, text: string, settings: ProcessingSettings = manual) => {
  const hold = holdOf(settings, 1, service.clock.now());
  return service.add(text, { user: 'alice' }, hold ? { hold } : {});
};

export const sayAll = async (
  service: CoreFixture,
  texts: string[],
  settings?: ProcessingSettings,
) => {
  for (const text of texts) await say(service, text, settings);
};

export const ask = async (
  service: CoreFixture,
  releases = true,
  actor: FullPlatform = service.platform,
): Promise<string> => {
  const result = await requestProcessing(actor, project, user, { releases });
  if (result.outcome !== 'accepted') throw new Error(`not accepted: ${result.outcome}`);
  return result.task;
};

export const taskOf = (service: CoreFixture, id: string) => getTask(service.platform, project, id);

export const listedIds = async (service: CoreFixture) => {
  const page = await listTasks(service.platform, project, user, { limit: 10 });
  return page === 'bad_cursor' ? page : page.tasks.map(({ id }) => id);
};

export const roughTexts = async (service: CoreFixture) =>
  textsOf((await service.list()).filter(({ rough }) => rough));

export const learnt = (...texts: string[]) => texts.map((text) => `Learnt: ${text}`).sort();
