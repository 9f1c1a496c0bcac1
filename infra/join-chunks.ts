import { readFileSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';

const entry = 'index.mjs';
/** File with the code that the entry shares with code that is loaded later. */
const shared = 'shared.mjs';

/**
 * Defines `require`, which ES modules lack and CommonJS dependencies call, for modules of Node.js alone: making a `require` for files takes
 * a millisecond of each file.
 */
export const banner =
  'const require = (name) => { const found = process.getBuiltinModule(name); if (found) return found; throw new Error(name + " is not built in"); };';

/** Chunks of a folder by name, with their static imports and the names that they export. */
type Chunks = ReadonlyMap<string, { imports: string[]; exports: string[] }>;

const chunksOf = ({ outputs }: Metafile): Chunks => {
  const files = Object.entries(outputs).filter(([path]) => path.endsWith('.mjs'));
  return new Map(
    files.map(([path, { imports, exports }]) => {
      const isImport = ({ kind, path: to }: (typeof imports)[number]): boolean =>
        kind === 'import-statement' && to in outputs;
      const names = imports.filter(isImport).map((one) => basename(one.path));
      return [basename(path), { imports: names, exports }];
    }),
  );
};

/** Files with their static imports, direct and indirect. */
const withImports = (chunks: Chunks, files: readonly string[]): Set<string> => {
  const all = new Set(files);
  for (const file of all) for (const one of chunks.get(file)?.imports ?? []) all.add(one);
  return all;
};

interface Export {
  file: string;
  name: string;
  /** Name in the joined file. */
  as: string;
}

/** All names that chunks export, each with a name of its own in the joined file. */
const exportsOf = (chunks: Chunks, joined: readonly string[]): Export[] =>
  joined
    .flatMap((file) => (chunks.get(file)?.exports ?? []).map((name) => ({ file, name })))
    .map((one, at) => ({ ...one, as: `s${at.toString(36)}` }));

/** For each joined chunk, the statement that exports the same names from the joined file. */
const fromJoined = (all: readonly Export[], joined: readonly string[]): Map<string, string> =>
  new Map(
    joined.map((file) => {
      const names = all
        .filter((one) => one.file === file)
        .map(({ name, as }) => `${as} as ${name}`);
      return [file, `export { ${names.join()} } from './${shared}';`];
    }),
  );

/** Statements that export the names which files import from the joined file: each further name takes time at a start. */
const fromChunks = (
  all: readonly Export[],
  joined: readonly string[],
  importers: readonly string[],
): string => {
  const imports = importers.flatMap((code) => [
    ...code.matchAll(/import\s*\{([^{}]*)\}\s*from\s*"\.\/shared\.mjs"/g),
  ]);
  const wanted = new Set(
    imports.flatMap(([, names = '']) => names.split(',').map((name) => name.trim().split(' ')[0])),
  );
  return joined
    .map((file) => {
      const names = all
        .filter((one) => one.file === file && wanted.has(one.as))
        .map(({ name, as }) => `${name} as ${as}`);
      return names.length > 0
        ? `export { ${names.join()} } from './${file}';`
        : `import './${file}';`;
    })
    .join('\n');
};

/** Keeps all files apart but the joined ones, which importers of the joined file get from there. */
const apart = (parts: ReadonlyMap<string, string>, isImporter: boolean): Plugin => ({
  name: 'apart',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\.\/[^/]+\.mjs$/ }, ({ path, kind }) => {
      const name = basename(path);
      if (kind === 'entry-point') return undefined;
      if (kind !== 'import-statement' || !parts.has(name)) return { path, external: true };
      return isImporter ? { path: name, namespace: 'joined' } : undefined;
    });
    onLoad({ filter: /.*/, namespace: 'joined' }, ({ path }) => ({
      contents: parts.get(path) ?? '',
    }));
    // Each chunk has the banner, and the file that is made of them gets it once.
    onLoad({ filter: /\.mjs$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(banner, ''),
    }));
  },
});

/** Bytes of code. */
export interface Sizes {
  /** Read at a cold start. */
  eager: number;
  /** Loaded on first use. */
  lazy: number;
}

/**
 * Joins the chunks that a cold start reads into one file beside the entry. Splitting makes a chunk of each set of modules that the same
 * later parts share: dozens, which take longer to find and link than to read. The entry, which has the effects of a start, keeps its own
 * file, so that a part that is loaded later can be imported without it. Files that a thread imports stay as they are: a thread would load all
 * the rest.
 * @param metafile of the build that made the files
 * @param threads names of the scripts of threads
 */
export const joinChunks = async (
  folder: string,
  metafile: Metafile,
  options: BuildOptions,
  threads: readonly string[],
): Promise<Sizes> => {
  const chunks = chunksOf(metafile);
  const ofThreads = withImports(chunks, threads);
  const atStart = withImports(chunks, [entry]);
  const joined = [...atStart].filter((file) => file !== entry && !ofThreads.has(file));
  const all = exportsOf(chunks, joined);
  const parts = fromJoined(all, joined);
  const isImporter = (file: string): boolean =>
    !parts.has(file) && chunks.get(file)?.imports.some((one) => parts.has(one)) === true;
  const importers = [...chunks.keys()].filter(isImporter).map((file) => join(folder, file));

  await build({
    ...options,
    entryPoints: importers,
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    allowOverwrite: true,
    plugins: [apart(parts, true)],
  });
  const code = importers.map((file) => readFileSync(file, 'utf8'));
  await build({
    ...options,
    stdin: { contents: fromChunks(all, joined, code), resolveDir: folder },
    outfile: join(folder, shared),
    plugins: [apart(parts, false)],
  });
  for (const file of joined)
    for (const name of [file, `${file}.map`]) rmSync(join(folder, name), { force: true });

  const bytesOf = (files: Iterable<string>): number =>
    [...files].reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
  const others = [...chunks.keys()].filter((file) => !parts.has(file));
  const eager = [shared, ...others.filter((file) => atStart.has(file))];
  return { eager: bytesOf(eager), lazy: bytesOf(others.filter((file) => !atStart.has(file))) };
};
