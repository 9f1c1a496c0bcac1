import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readSource, root } from '../support/repository.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const guard = 'functions/local/node-version.cjs';
const launcher = 'functions/local/run.cjs';
const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readSource('package.json')));
let bare: ReturnType<typeof temporaryFolder>;

/** Prepares a folder in which nothing is installed. */
beforeEach(() => {
  bare = temporaryFolder();
  mkdirSync(join(bare.path, 'functions/local'), { recursive: true });
  for (const file of ['package.json', guard, launcher])
    copyFileSync(join(root, file), join(bare.path, file));
});

afterEach(() => bare.remove());

/** Runs the check as if on the given platform; returns its output and exit code. */
const startOn = (folder: string, node: string, platform = 'linux', arch = 'x64') => {
  const machine = `
    Object.defineProperty(process.versions, 'node', { value: '${node}' });
    Object.defineProperty(process, 'platform', { value: '${platform}' });
    Object.defineProperty(process, 'arch', { value: '${arch}' });
    process.report.getReport = () => ({ header: { glibcVersionRuntime: '2.39' } });`;
  const path = JSON.stringify(join(folder, guard));
  const { status, stderr } = spawnSync(process.execPath, ['-e', `${machine} require(${path})`], {
    encoding: 'utf8',
  });
  return { status, stderr };
};

it("a start on the machine's own Node 24 or a newer one goes on, whatever is installed", () => {
  expect(startOn(bare.path, '24.0.0', 'darwin', 'arm64')).toEqual({ status: 0, stderr: '' });
  expect(startOn(bare.path, '26.1.0')).toEqual({ status: 0, stderr: '' });
});

it('a start on an older Node names the command that installs Node 24', () => {
  const { status, stderr } = startOn(bare.path, '20.1.0');

  expect(status).toBe(1);
  expect(stderr).toMatch(/^Turnstone needs Node 24 or newer, this is Node 20\.1\.0: [^\n]+\.\n$/);
  expect(stderr).toContain('run `npm ci` without --omit=optional');
});

it('a start without npm, where Node 24 is installed, points to npm', () => {
  const { status, stderr } = startOn(root, '22.9.0', process.platform, process.arch);

  expect(status).toBe(1);
  expect(stderr).toContain('start with npm');
});

it.each([
  ['darwin', 'arm64'],
  ['darwin', 'x64'],
  ['linux', 's390x'],
])('on %s %s, without a Node 24 package on npm, a start asks to install Node', (platform, arch) => {
  const { status, stderr } = startOn(root, '20.1.0', platform, arch);

  expect(status).toBe(1);
  expect(stderr).toContain(`npm has no package of it for ${platform} ${arch}, so install it from`);
});

describe('the launcher of the npm scripts', () => {
  let settings: NodeJS.ProcessEnv;
  beforeEach(() => {
    settings = { NODE_COMPILE_CACHE: '' };
  });

  const launch = (node: string, ...args: string[]) => {
    const version = `Object.defineProperty(process.versions, 'node', { value: '${node}' });`;
    writeFileSync(bare.file('version.cjs'), version);
    writeFileSync(
      bare.file('main.ts'),
      `const args: string[] = process.argv.slice(2);
      await Promise.resolve();
      process.stdout.write(JSON.stringify([import.meta.main, process.pid, ...args]));
      process.exitCode = 3;`,
    );
    return spawnSync(
      process.execPath,
      ['--require', bare.file('version.cjs'), launcher, 'main.ts', ...args],
      { encoding: 'utf8', cwd: bare.path, env: { ...process.env, ...settings } },
    );
  };

  it('a script runs as the main module of the launched process, with its arguments and exit code', () => {
    const { status, stdout, pid, stderr } = launch('24.0.0', 'a', '--b');

    expect([status, stderr]).toEqual([3, '']);
    expect(JSON.parse(stdout)).toEqual([true, pid, 'a', '--b']);
  });

  it('compiled code is kept beside the installed packages, or where NODE_COMPILE_CACHE says', () => {
    launch('24.0.0');
    settings = { NODE_COMPILE_CACHE: bare.file('elsewhere') };
    launch('24.0.0');

    expect(readdirSync(bare.file('node_modules/.cache/turnstone'))).toHaveLength(1);
    expect(readdirSync(bare.file('elsewhere'))).toHaveLength(1);
  });

  it('a script runs where no compiled code can be kept', () => {
    writeFileSync(bare.file('node_modules'), 'not a folder');
    const { status, stderr } = launch('24.0.0');

    expect([status, stderr]).toEqual([3, '']);
  });

  it('a script on an older Node does not run and prints one sentence', () => {
    const { status, stdout, stderr } = launch('20.1.0');

    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^Turnstone needs Node 24 or newer, this is Node 20\.1\.0: [^\n]+\.\n$/);
  });

  it('all npm scripts start TypeScript through the launcher', () => {
    const commands = Object.values(scripts).flatMap((script) => script.split(' && '));
    const starts = commands.filter((one) => / \S+\.ts$/.test(one) && !one.includes('vitest'));

    expect(starts.length).toBeGreaterThan(20);
    for (const command of starts)
      expect(command).toMatch(
        /^(exec )?node (--max-semi-space-size=\d+ )?functions\/local\/run\.cjs \S+\.ts$/,
      );
  });
});
