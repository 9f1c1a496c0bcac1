import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Paths from the root, with `/`; nothing of what was installed. */
export const filesOf = (...patterns: string[]): string[] =>
  patterns
    .flatMap((pattern) => globSync(pattern, { cwd: root, exclude: ['**/node_modules'] }))
    .map((path) => path.replaceAll('\\', '/'))
    .sort();

export const readSource = (path: string): string => readFileSync(join(root, path), 'utf8');

/** The environment that npm scripts have: tools of this package first, its Node 24 among them. */
export const scriptEnv = (): NodeJS.ProcessEnv => ({
  ...process.env,
  PATH: [join(root, 'node_modules/.bin'), process.env['PATH']].join(delimiter),
});

/** Runs a tool of this package to its end. */
export const runTool = (tool: string, ...args: string[]): { code: number | null; out: string } => {
  const { status, stdout, stderr } = spawnSync(tool, args, {
    cwd: root,
    env: { ...scriptEnv(), NO_COLOR: '1' },
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return { code: status, out: stdout || stderr };
};
