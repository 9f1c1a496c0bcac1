import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuildOptions, Plugin } from 'esbuild';
import type { ServedFile } from '../pages/serve-files.ts';

const app = join(import.meta.dirname, 'app');
const proof = join(import.meta.dirname, 'proof');

const types: { readonly [extension: string]: string } = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
};

/** Modules of the product that need Node.js, whose replacements in `proof/` do not. */
const replacements: Plugin = {
  name: 'replacements',
  setup(build) {
    build.onResolve({ filter: /\/(?:sha256|signature)\.ts$/ }, ({ path, resolveDir }) =>
      /[\\/]shared[\\/]/.test(join(resolveDir, path))
        ? { path: join(proof, path.slice(path.lastIndexOf('/') + 1)) }
        : undefined,
    );
  },
};

const common = {
  outdir: '/console',
  write: false,
  bundle: true,
  format: 'esm',
  target: 'es2022',
  minify: true,
  legalComments: 'none',
  logLevel: 'error',
} as const satisfies BuildOptions;

/**
 * Bundles the console from its sources, in a process of its own, and the simulation that its page of the proof loads. On AWS this
 * module is replaced at synthesis by one that has the files, since a function has neither the sources nor the bundler.
 */
export const consoleFiles = async (): Promise<readonly ServedFile[]> => {
  const { build } = await import('esbuild');
  const built = await Promise.all([
    build({
      ...common,
      absWorkingDir: app,
      entryPoints: [
        { in: 'main.tsx', out: 'console' },
        { in: 'console.css', out: 'console' },
      ],
      tsconfig: join(app, 'tsconfig.json'),
    }),
    build({
      ...common,
      absWorkingDir: proof,
      entryPoints: [{ in: 'main.ts', out: 'proof' }],
      inject: ['browser.ts'],
      plugins: [replacements],
    }),
  ]);
  const bundled = built.flatMap(({ outputFiles }) =>
    outputFiles.map(({ path, text }): ServedFile => {
      const name = path.slice(path.lastIndexOf('/') + 1);
      return { name, type: types[name.split('.').at(-1) ?? ''] ?? 'text/plain', text };
    }),
  );
  const page = await readFile(join(app, 'index.html'), 'utf8');
  return [{ name: 'index.html', type: 'text/html; charset=utf-8', text: page }, ...bundled];
};
