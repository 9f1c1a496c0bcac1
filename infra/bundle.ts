import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';

const root = join(import.meta.dirname, '..');

export const functionNames = ['api', 'worker', 'dispatcher', 'sweeper'] as const;
export type FunctionName = (typeof functionNames)[number];

export interface Bundle {
  name: FunctionName;
  /** What Lambda loads: `index.mjs` and its chunks. */
  folder: string;
  /** Bytes that loading it reads at once. */
  eager: number;
  /** Bytes that are loaded on first use. */
  lazy: number;
}

/** CommonJS among the dependencies asks for `require`, which ES modules do not have. */
const banner =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

const bytesOf = ({ outputs }: Metafile, files: Iterable<string>): number =>
  [...files].reduce((sum, file) => sum + (outputs[file]?.bytes ?? 0), 0);

const code = ({ outputs }: Metafile): string[] =>
  Object.keys(outputs).filter((file) => file.endsWith('.mjs'));

/** The entry and all that it imports other than by `import()`. */
const eagerFiles = (metafile: Metafile): Set<string> => {
  const files = new Set(
    code(metafile).filter((file) => metafile.outputs[file]?.entryPoint?.endsWith('/index.ts')),
  );
  for (const file of files)
    for (const { path, kind } of metafile.outputs[file]?.imports ?? [])
      if (kind === 'import-statement' && path in metafile.outputs) files.add(path);
  return files;
};

const bundleOne = async (name: FunctionName, dist: string): Promise<Bundle> => {
  const folder = join(dist, name);
  rmSync(folder, { recursive: true, force: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { index: `functions/${name}/index.ts` },
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    // Most packages have smaller ES modules than what Node would be given.
    mainFields: ['module', 'main'],
    splitting: true,
    minify: true,
    sourcemap: true,
    sourcesContent: false,
    legalComments: 'none',
    banner: { js: banner },
    metafile: true,
    logLevel: 'error',
  });
  const eager = bytesOf(metafile, eagerFiles(metafile));
  return { name, folder, eager, lazy: bytesOf(metafile, code(metafile)) - eager };
};

/** Builds what is deployed, a folder per function, each whole in itself. */
export const bundleAll = (dist = join(root, 'dist')): Promise<Bundle[]> =>
  Promise.all(functionNames.map((name) => bundleOne(name, dist)));

const kilobytes = (bytes: number): string => `${Math.ceil(bytes / 1_000)} KB`;

if (import.meta.main)
  for (const { name, eager, lazy } of await bundleAll())
    process.stdout.write(
      `${name.padEnd(10)} ${kilobytes(eager)} at start, ${kilobytes(lazy)} on first use\n`,
    );
