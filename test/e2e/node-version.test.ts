import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { root } from '../support/repository.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const guard = 'functions/local/node-version.cjs';
let bare: ReturnType<typeof temporaryFolder>;

/** A folder in which nothing was installed. */
beforeEach(() => {
  bare = temporaryFolder();
  mkdirSync(join(bare.path, 'functions/local'), { recursive: true });
  for (const file of ['package.json', guard]) copyFileSync(join(root, file), join(bare.path, file));
});

afterEach(() => bare.remove());

/** What a start says on a machine of that platform, and its exit code. */
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

it('a start past npm, where Node 24 is installed, is sent to npm', () => {
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
