import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Files that match any pattern: paths from the root with `/`, sorted, without installed packages. */
export const filesOf = (...patterns: string[]): string[] =>
  patterns
    .flatMap((pattern) => globSync(pattern, { cwd: root, exclude: ['**/node_modules'] }))
    .map((path) => path.replaceAll('\\', '/'))
    .sort();

export const readSource = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Environment of npm scripts: the tools of this package, its Node.js 24 included, come first in the path. */
export const scriptEnv = (): NodeJS.ProcessEnv => ({
  ...process.env,
  PATH: [join(root, 'node_modules/.bin'), process.env['PATH']].join(delimiter),
});

/** Runs a tool of this package and waits for its end. */
export const runTool = (tool: string, ...args: string[]): { code: number | null; out: string } => {
  const { status, stdout, stderr } = spawnSync(tool, args, {
    cwd: root,
    env: { ...scriptEnv(), NO_COLOR: '1' },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return { code: status, out: stdout || stderr };
};
