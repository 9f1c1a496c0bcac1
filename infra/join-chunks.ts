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

interface Reexport {
  fromChunk: string;
  fromJoined: string;
}

/** Statements that export all names of a chunk from the joined file, under names of its own, and that import them from there. */
const reexports = (chunks: Chunks, joined: readonly string[]): Map<string, Reexport> => {
  let count = 0;
  const reexportOf = (file: string): Reexport => {
    const names = (chunks.get(file)?.exports ?? []).map((name) => {
      count += 1;
      return { name, as: `s${count.toString(36)}` };
    });
    const given = names.map(({ name, as }) => `${name} as ${as}`);
    const taken = names.map(({ name, as }) => `${as} as ${name}`);
    return {
      fromChunk: `export { ${given.join()} } from './${file}';`,
      fromJoined: `export { ${taken.join()} } from './${shared}';`,
    };
  };
  return new Map(joined.map((file) => [file, reexportOf(file)]));
};

/** Keeps all files apart but the joined ones, which importers of the joined file get from there. */
const apart = (parts: ReadonlyMap<string, Reexport>, isImporter: boolean): Plugin => ({
  name: 'apart',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\.\/[^/]+\.mjs$/ }, ({ path, kind }) => {
      const name = basename(path);
      if (kind === 'entry-point') return undefined;
      if (kind !== 'import-statement' || !parts.has(name)) return { path, external: true };
      return isImporter ? { path: name, namespace: 'joined' } : undefined;
    });
    onLoad({ filter: /.*/, namespace: 'joined' }, ({ path }) => ({
      contents: parts.get(path)?.fromJoined ?? '',
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
  const parts = reexports(chunks, joined);
  const isImporter = (file: string): boolean =>
    !parts.has(file) && chunks.get(file)?.imports.some((one) => parts.has(one)) === true;

  await build({
    ...options,
    stdin: {
      contents: [...parts.values()].map(({ fromChunk }) => fromChunk).join('\n'),
      resolveDir: folder,
    },
    outfile: join(folder, shared),
    plugins: [apart(parts, false)],
  });
  await build({
    ...options,
    entryPoints: [...chunks.keys()].filter(isImporter).map((file) => join(folder, file)),
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    allowOverwrite: true,
    plugins: [apart(parts, true)],
  });
  for (const file of joined)
    for (const name of [file, `${file}.map`]) rmSync(join(folder, name), { force: true });

  const bytesOf = (files: Iterable<string>): number =>
    [...files].reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
  const others = [...chunks.keys()].filter((file) => !parts.has(file));
  const eager = [shared, ...others.filter((file) => atStart.has(file))];
  return { eager: bytesOf(eager), lazy: bytesOf(others.filter((file) => !atStart.has(file))) };
};
