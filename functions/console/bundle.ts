import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServedFile } from '../pages/serve-files.ts';

const app = join(import.meta.dirname, 'app');

const types: { readonly [extension: string]: string } = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
};

/**
 * Bundles the console from its sources, in a process of its own. On AWS this module is replaced at synthesis by one that has the
 * files, since a function has neither the sources nor the bundler.
 */
export const consoleFiles = async (): Promise<readonly ServedFile[]> => {
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    absWorkingDir: app,
    entryPoints: [
      { in: 'main.tsx', out: 'console' },
      { in: 'console.css', out: 'console' },
    ],
    outdir: '/console',
    write: false,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    legalComments: 'none',
    tsconfig: join(app, 'tsconfig.json'),
    logLevel: 'error',
  });
  const bundled = outputFiles.map(({ path, text }): ServedFile => {
    const name = path.slice(path.lastIndexOf('/') + 1);
    return { name, type: types[name.split('.').at(-1) ?? ''] ?? 'text/plain', text };
  });
  const page = await readFile(join(app, 'index.html'), 'utf8');
  return [{ name: 'index.html', type: 'text/html; charset=utf-8', text: page }, ...bundled];
};
