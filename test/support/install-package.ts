import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Installs the packages of a folder if they are missing or the lockfile has changed. Install scripts do not run. */
export const installPackage = (folder: URL): void => {
  const within = (name: string): string => fileURLToPath(new URL(name, folder));
  const lockfile = within('package-lock.json');
  const installed = within('node_modules/.installed-lockfile.json');
  if (existsSync(installed) && readFileSync(installed).equals(readFileSync(lockfile))) return;

  const options = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];
  execFileSync('npm', ['ci', ...options, '--loglevel', 'error'], {
    cwd: within('.'),
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  copyFileSync(lockfile, installed);
};
