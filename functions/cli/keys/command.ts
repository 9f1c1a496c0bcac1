import { parseArgs } from 'node:util';
import { createKey, listKeys, revokeKey } from '../../../shared/core/projects/api-keys.ts';
import {
  findProject,
  getOrCreateProject,
  listProjects,
} from '../../../shared/core/projects/projects.ts';
import { TerminalError } from '../../../shared/domain/errors.ts';
import {
  type ApiKey,
  isPermission,
  type Permission,
  type Project,
} from '../../../shared/domain/project.ts';
import type { Platform } from '../../../shared/ports/platform.ts';

type Deps = Pick<Platform, 'store' | 'ids' | 'clock'>;

const usageError =
  (usage: string) =>
  (sentence: string): TerminalError =>
    new TerminalError('bad_command', `${sentence}\n${usage}`);

/**
 * Parses the command line of a keys command. `--stack` is for `npm run admin` only; `npm run keys` rejects it.
 * @throws TerminalError bad_command
 */
export const readKeyCommand = (args: readonly string[], usage: string) => {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        project: { type: 'string' },
        permissions: { type: 'string', default: 'read,write' },
        name: { type: 'string', default: '' },
        stack: { type: 'string' },
      },
    });
  } catch (error) {
    throw usageError(usage)(error instanceof Error ? error.message : String(error));
  }
};

type KeyCommand = ReturnType<typeof readKeyCommand>;

const permissionsOf = (text: string, usage: string): Permission[] =>
  [...new Set(text.split(','))].map((word) => {
    const permission = word.trim();
    if (isPermission(permission)) return permission;
    throw usageError(usage)(
      `A permission is read, write or admin, not ${JSON.stringify(permission)}.`,
    );
  });

const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

const describe = (key: ApiKey): string =>
  [
    `  ${key.id}  ${key.prefix}…  ${key.permissions.join(',').padEnd(16)}  created ${day(key.createdAt)}`,
    key.revokedAt === undefined ? '' : `  revoked ${day(key.revokedAt)}`,
    key.name === '' ? '' : `  ${key.name}`,
  ].join('');

const listProject = async (deps: Deps, project: Project): Promise<void> => {
  console.log(`${project.name} (${project.id})`);
  for (const key of await listKeys(deps, project.id)) console.log(describe(key));
};

const projectNamed = async (deps: Deps, name: string): Promise<Project> => {
  const project = await findProject(deps, name);
  if (!project) throw new TerminalError('unknown_project', `There is no project ${name}.`);
  return project;
};

/**
 * Creates, lists or revokes API keys and prints the result.
 * @throws TerminalError bad_command, unknown_project, unknown_key
 */
export const runKeyCommand = async (
  deps: Deps,
  { positionals, values }: KeyCommand,
  usage: string,
): Promise<void> => {
  const [command, id] = positionals;
  if (command === 'create') {
    const permissions = permissionsOf(values.permissions, usage);
    const project = await getOrCreateProject(deps, values.project);
    const { key, record } = await createKey(deps, project, { name: values.name, permissions });
    console.log(`${key}\n\nKey ${record.id} of project ${project.name} (${project.id}).`);
    console.log('The key is shown only this once.');
  } else if (command === 'list') {
    const projects = values.project
      ? [await projectNamed(deps, values.project)]
      : await listProjects(deps);
    for (const project of projects) await listProject(deps, project);
  } else if (command === 'revoke' && id !== undefined) {
    if (!(await revokeKey(deps, id)))
      throw new TerminalError('unknown_key', `There is no key ${id}.`);
    console.log(`Key ${id} is revoked: requests with it are rejected within 30 seconds.`);
  } else throw usageError(usage)('The command is create, list or revoke <key id>.');
};
