import { idOfKey, isKeyOf } from '../../domain/api-key.ts';
import { TerminalError } from '../../domain/errors.ts';
import { type Project, permissions } from '../../domain/project.ts';
import { apiKeyKey, projectKey, settingKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Condition, Step } from '../../ports/store.ts';
import { commit } from '../commit.ts';
import { everyPage } from '../pagination.ts';
import { put, remove } from '../steps.ts';
import { makeKey, putKey, recordOfKey } from './api-keys.ts';

type ProjectDeps = Pick<Platform, 'store' | 'ids' | 'clock'>;

/** Somebody else made it at the same moment: theirs stands. */
const isAbsent: Condition = { name: 'not_yet_made', test: { is: 'absent' } };

const defaultProjectSetting = settingKey('default-project');
const presetKeySetting = settingKey('preset-key');
const nameSetting = (name: string) => settingKey(`project-name#${name}`);

const newProject = (
  { ids, clock }: ProjectDeps,
  name: string,
  organization: string,
): { project: Project; steps: Step[] } => {
  const project = {
    id: `proj_${ids.secret(8)}`,
    organization,
    name,
    createdAt: clock.now(),
  };
  return {
    project,
    steps: [
      put(nameSetting(name), { value: project.id }, isAbsent),
      put(projectKey(project.id), project, isAbsent),
    ],
  };
};

const projectOfSetting = async (
  { store }: ProjectDeps,
  key: ReturnType<typeof settingKey>,
): Promise<Project | undefined> => {
  const setting = await store.get(key);
  return setting && store.get(projectKey(setting.value));
};

/**
 * The project of keys that name none, made on first use.
 * @returns `createdKey` when this call made the project: the only time that key can be shown
 */
const defaultProject = async (
  deps: ProjectDeps,
  withKey: boolean,
): Promise<{ project: Project; createdKey?: string }> => {
  const known = await projectOfSetting(deps, defaultProjectSetting);
  if (known) return { project: known };
  const { project, steps } = newProject(deps, 'default', `org_${deps.ids.secret(8)}`);
  const made = makeKey(deps, project, { name: 'first', permissions });
  const answer = await commit(deps, [
    put(defaultProjectSetting, { value: project.id }, isAbsent),
    ...steps,
    ...(withKey ? [putKey(made.record)] : []),
  ]);
  if (!answer.committed) return defaultProject(deps, withKey);
  return withKey ? { project, createdKey: made.key } : { project };
};

/** Makes the operator's own string a key of the project; the one chosen before is forgotten. */
const registerPresetKey = async (
  deps: ProjectDeps,
  project: Project,
  preset: string,
): Promise<void> => {
  const { store, clock } = deps;
  const id = idOfKey(preset);
  if (id === undefined)
    throw new TerminalError('bad_setting', 'The API key given has a form that no key can have.');
  const [record, before] = [await store.get(apiKeyKey(id)), await store.get(presetKeySetting)];
  if (record && record.project !== project.id)
    throw new TerminalError('bad_setting', 'The API key given belongs to another project.');
  const isAccepted = record && record.revokedAt === undefined && isKeyOf(preset, record);
  if (isAccepted && before?.value === id) return;
  const about = { name: 'preset', permissions, createdAt: clock.now() };
  await commit(deps, [
    ...(isAccepted ? [] : [putKey(recordOfKey(preset, id, project, about))]),
    put(presetKeySetting, { value: id }),
    ...(before && before.value !== id ? [remove(apiKeyKey(before.value))] : []),
  ]);
};

/**
 * What a start needs: a default project and a key for it. Safe to repeat, and to run twice at once.
 * @param preset a key chosen by the operator, accepted from now on; without it the first call makes one
 */
export const ensureDefaultProject = async (
  deps: ProjectDeps,
  preset?: string,
): Promise<{ project: Project; createdKey?: string }> => {
  const found = await defaultProject(deps, preset === undefined);
  if (preset !== undefined) await registerPresetKey(deps, found.project, preset);
  return found;
};

export const findProject = async (
  deps: ProjectDeps,
  nameOrId: string,
): Promise<Project | undefined> =>
  (await deps.store.get(projectKey(nameOrId))) ?? projectOfSetting(deps, nameSetting(nameOrId));

/** The project of that id or name, made when none has that name; without one the default project. */
export const getOrCreateProject = async (deps: ProjectDeps, name?: string): Promise<Project> => {
  if (name === undefined) return (await defaultProject(deps, false)).project;
  const known = await findProject(deps, name);
  if (known) return known;
  if (name.startsWith('proj_'))
    throw new TerminalError('unknown_project', `There is no project ${name}.`);
  const { project: home } = await defaultProject(deps, false);
  const { project, steps } = newProject(deps, name, home.organization);
  const answer = await commit(deps, steps);
  return answer.committed ? project : getOrCreateProject(deps, name);
};

/** Every project, by id. */
export const listProjects = async ({ store }: ProjectDeps): Promise<Project[]> => {
  const projects = await everyPage((from) =>
    store.query({ kind: 'PROJECT', pk: 'PROJECTS', prefix: 'PROJECT#', ...from }),
  );
  return projects.map(({ item }) => item);
};
