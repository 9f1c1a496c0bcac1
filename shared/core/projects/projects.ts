import { idOfKey, matchesKey } from '../../domain/api-key.ts';
import { TerminalError } from '../../domain/errors.ts';
import { type Project, permissions } from '../../domain/project.ts';
import { dataFormat } from '../../domain/table/format.ts';
import { apiKeyKey, projectKey, settingKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Condition, Step } from '../../ports/store.ts';
import { commit } from '../commit.ts';
import { everyPage } from '../pagination.ts';
import { put, remove } from '../steps.ts';
import { makeKey, putKey, recordOfKey } from './api-keys.ts';

type ProjectDeps = Pick<Platform, 'store' | 'ids' | 'clock'>;

/** Fails when another process created the item first. */
const isAbsent: Condition = { name: 'not_yet_made', test: { is: 'absent' } };

const defaultProjectSetting = settingKey('default-project');
/** Format of the items. Older data was begun without one (checked-store.ts). */
const formatSetting = settingKey('format');
const presetKeySetting = settingKey('preset-key');
const nameSetting = (name: string) => settingKey(`project-name#${name}`);

const newProject = (
  { ids, clock }: ProjectDeps,
  name: string,
  organization: string,
): { project: Project; writes: Step[] } => {
  const project = {
    id: `proj_${ids.secret(8)}`,
    organization,
    name,
    createdAt: clock.now(),
  };
  return {
    project,
    writes: [
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
 * Returns the default project, and creates it on first use. When another process is first, its project is returned.
 * @returns `createdKey` when this call made the project: the only time that key can be shown
 */
const defaultProject = async (
  deps: ProjectDeps,
  withKey: boolean,
): Promise<{ project: Project; createdKey?: string }> => {
  const known = await projectOfSetting(deps, defaultProjectSetting);
  if (known) return { project: known };
  const { project, writes } = newProject(deps, 'default', `org_${deps.ids.secret(8)}`);
  const created = makeKey(deps, project, { name: 'first', permissions });
  const { committed } = await commit(deps, [
    put(defaultProjectSetting, { value: project.id }, isAbsent),
    put(formatSetting, { value: String(dataFormat) }),
    ...writes,
    ...(withKey ? [putKey(created.record)] : []),
  ]);
  if (!committed) return defaultProject(deps, withKey);
  return withKey ? { project, createdKey: created.key } : { project };
};

/**
 * Registers a key that the operator chose, and deletes the preset key registered before. Safe to repeat.
 * @throws TerminalError when the text cannot be a key, or is a key of another project
 */
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
  const isAccepted = record && record.revokedAt === undefined && matchesKey(preset, record);
  if (isAccepted && before?.value === id) return;
  const about = { name: 'preset', permissions, createdAt: clock.now() };
  await commit(deps, [
    ...(isAccepted ? [] : [putKey(recordOfKey(preset, id, project, about))]),
    put(presetKeySetting, { value: id }),
    ...(before && before.value !== id ? [remove(apiKeyKey(before.value))] : []),
  ]);
};

/**
 * Ensures that there is a default project with a key, for the start of a process. Safe to repeat and to run concurrently.
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

/** Returns the project of an id or a name; undefined when there is none. Strongly consistent. */
export const findProject = async (
  deps: ProjectDeps,
  nameOrId: string,
): Promise<Project | undefined> =>
  (await deps.store.get(projectKey(nameOrId))) ?? projectOfSetting(deps, nameSetting(nameOrId));

/**
 * Returns the project of an id or a name, and creates it when no project has that name; without a name, the default project.
 * Safe to run concurrently: names are unique.
 * @throws TerminalError when an id is given that no project has
 */
export const getOrCreateProject = async (deps: ProjectDeps, name?: string): Promise<Project> => {
  if (name === undefined) return (await defaultProject(deps, false)).project;
  const known = await findProject(deps, name);
  if (known) return known;
  if (name.startsWith('proj_'))
    throw new TerminalError('unknown_project', `There is no project ${name}.`);
  const { project: home } = await defaultProject(deps, false);
  const { project, writes } = newProject(deps, name, home.organization);
  const { committed } = await commit(deps, writes);
  return committed ? project : getOrCreateProject(deps, name);
};

/** Lists all projects, ordered by id. */
export const listProjects = async ({ store }: ProjectDeps): Promise<Project[]> => {
  const projects = await everyPage((from) =>
    store.query({ kind: 'PROJECT', pk: 'PROJECTS', prefix: 'PROJECT#', ...from }),
  );
  return projects.map(({ item }) => item);
};
