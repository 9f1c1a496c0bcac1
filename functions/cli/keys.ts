import { parseArgs } from 'node:util';
import { createKey, listKeys, revokeKey } from '../../shared/core/api-keys.ts';
import { findProject, listProjects, openProject } from '../../shared/core/projects.ts';
import { TerminalError } from '../../shared/domain/errors.ts';
import type { ApiKey, Permission, Project } from '../../shared/domain/project.ts';
import { readConfig } from '../../shared/platform/config.ts';
import { createLocalPlatform, type LocalPlatform } from '../../shared/platform/local.ts';
import { exitInOneSentence } from '../exit-in-one-sentence.ts';

const usage = `Usage:
  npm run keys -- create [--project <name or id>] [--permissions read,write] [--name <what it is for>]
  npm run keys -- list [--project <name or id>]
  npm run keys -- revoke <key id>`;

const misuse = (sentence: string): TerminalError =>
  new TerminalError('bad_command', `${sentence}\n${usage}`);

const readCommand = () => {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        project: { type: 'string' },
        permissions: { type: 'string', default: 'read,write' },
        name: { type: 'string', default: '' },
      },
    });
  } catch (error) {
    throw misuse(error instanceof Error ? error.message : String(error));
  }
};

const permissionsOf = (text: string): Permission[] =>
  [...new Set(text.split(','))].map((word) => {
    const permission = word.trim();
    if (permission === 'read' || permission === 'write') return permission;
    throw misuse(`A permission is read or write, not ${JSON.stringify(permission)}.`);
  });

const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

const describe = (key: ApiKey): string =>
  [
    `  ${key.id}  ${key.prefix}…  ${key.permissions.join(',').padEnd(10)}  made ${day(key.createdAt)}`,
    key.revokedAt === undefined ? '' : `  revoked ${day(key.revokedAt)}`,
    key.name === '' ? '' : `  ${key.name}`,
  ].join('');

const listProject = async (platform: LocalPlatform, project: Project): Promise<void> => {
  console.log(`${project.name} (${project.id})`);
  for (const key of await listKeys(platform, project.id)) console.log(describe(key));
};

const projectNamed = async (platform: LocalPlatform, name: string): Promise<Project> => {
  const project = await findProject(platform, name);
  if (!project) throw new TerminalError('unknown_project', `There is no project ${name}.`);
  return project;
};

const run = async (platform: LocalPlatform): Promise<void> => {
  const { positionals, values } = readCommand();
  const [command, id] = positionals;
  if (command === 'create') {
    const permissions = permissionsOf(values.permissions);
    const project = await openProject(platform, values.project);
    const { key, record } = await createKey(platform, project, { name: values.name, permissions });
    console.log(`${key}\n\nKey ${record.id} of project ${project.name} (${project.id}).`);
    console.log('It is shown only this once.');
  } else if (command === 'list') {
    const projects = values.project
      ? [await projectNamed(platform, values.project)]
      : await listProjects(platform);
    for (const project of projects) await listProject(platform, project);
  } else if (command === 'revoke' && id !== undefined) {
    if (!(await revokeKey(platform, id)))
      throw new TerminalError('unknown_key', `There is no key ${id}.`);
    console.log(`Key ${id} is revoked: no request is let in with it after 30 seconds.`);
  } else throw misuse('Say create, list or revoke <key id>.');
};

await exitInOneSentence(async () => {
  const platform = createLocalPlatform(readConfig());
  try {
    await run(platform);
  } finally {
    await platform.close();
  }
});
