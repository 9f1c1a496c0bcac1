import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Installs the packages of this folder when they are missing or their lockfile has changed. */
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const lockfile = here('package-lock.json');
const installed = here('node_modules/.installed-lockfile.json');

const isInstalled = existsSync(installed) && readFileSync(installed).equals(readFileSync(lockfile));

if (!isInstalled) {
  const options = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];
  execFileSync('npm', ['ci', ...options, '--loglevel', 'error'], {
    cwd: here('.'),
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  copyFileSync(lockfile, installed);
}
