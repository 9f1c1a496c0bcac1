import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { consoleFiles } from '../functions/console/bundle.ts';
import { docsFiles } from '../functions/docs/site/build.ts';
import { banner, joinChunks, type Sizes } from './join-chunks.ts';
import { lateRoutes } from './late-routes.ts';

const root = join(import.meta.dirname, '..');

export const functionNames = ['api', 'worker', 'dispatcher', 'sweeper'] as const;
export type FunctionName = (typeof functionNames)[number];

export interface Bundle extends Sizes {
  name: FunctionName;
  /** Folder that is deployed: `index.mjs` and its chunks. */
  folder: string;
}

/**
 * Leaves out documentation that no function reads: descriptions of routes, which `openapi.json` has, and of settings. The spread of an
 * expression after `false &&` is removed with all that only it refers to.
 */
const withoutDescriptions: Plugin = {
  name: 'without-descriptions',
  setup({ onLoad }) {
    onLoad({ filter: /\.openapi\.ts$/ }, () => ({ contents: '' }));
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      const contents = path.startsWith(join(root, 'shared/platform/config/'))
        ? source.replaceAll('    description:', '    ...false &&')
        : source.replaceAll('openapi: describe(', '...false && (');
      return { contents, loader: 'ts' };
    });
  },
};

/** Reduces the manifest to the version, which is all that functions read of it. */
const versionOnly: Plugin = {
  name: 'version-only',
  setup({ onLoad }) {
    onLoad({ filter: /\/package\.json$/ }, ({ path }) => {
      if (path !== join(root, 'package.json')) return undefined;
      const { version } = JSON.parse(readFileSync(path, 'utf8'));
      return { contents: JSON.stringify({ version }), loader: 'json' };
    });
  },
};

/** Puts the files of the console and of the documentation in the place of the modules that make them. */
const madePages: Plugin = {
  name: 'made-pages',
  setup({ onLoad }) {
    const replace = (filter: RegExp, name: string, make: () => Promise<unknown>): void =>
      onLoad({ filter }, async () => {
        const files = JSON.stringify(await make());
        return { contents: `export const ${name} = async () => (${files});`, loader: 'js' };
      });
    replace(/\/functions\/console\/bundle\.ts$/, 'consoleFiles', consoleFiles);
    replace(/\/functions\/docs\/site\/build\.ts$/, 'docsFiles', docsFiles);
  },
};

/**
 * Replacements of modules that only one machine uses. The store on AWS reports no writes, so no list is kept and no event is followed; and
 * functions export no traces.
 */
const replacements = {
  'core/retrieval/list-cache.ts': 'export const listCacheOf = () => undefined;',
  'api/native/webhooks/inspector.ts': 'export const inspectorRoutes = () => [];',
  'api/native/event-stream.ts': 'export const createEventStreams = () => undefined;',
  'api/http/trace-requests.ts': 'export const traceRequests = () => (_, next) => next();',
  'core/traced.ts': `const span = { set() {}, rename() {}, fail() {} };
    export const memorySpan = (platform, operation, of, work) => work(span);
    export const traced = memorySpan;
    export const refineSpan = (platform, turns, work) => work();
    export const traceOf = () => ({});
    export const recordCount = () => ({});`,
  'platform/config/otel-settings.ts': 'export const otelSettings = {};',
};

/** Leaves out what only one machine uses. */
const withoutLocalParts: Plugin = {
  name: 'without-local-parts',
  setup({ onLoad }) {
    for (const [path, contents] of Object.entries(replacements))
      onLoad(
        { filter: new RegExp(`/(?:shared|functions)/${path.replaceAll('.', '\\.')}$`) },
        () => ({
          contents,
          loader: 'js',
        }),
      );
  },
};

/** Index that a stack uses. */
export type IndexKind = 'pinecone' | 's3vectors';

const unused = "() => { throw new Error('This function is built for another index.'); };";

/** Replacements of the modules of the other index, for a stack with this one. */
const otherIndex: { readonly [index in IndexKind]: { path: string; contents: string } } = {
  pinecone: {
    path: 'platform/s3-vectors.ts',
    contents: `export const createLazyS3VectorIndex = ${unused} export const vectorLayoutOf = ${unused}`,
  },
  s3vectors: {
    path: 'adapters/pinecone/vector-index.ts',
    contents: `export const createPineconeVectorIndex = ${unused}`,
  },
};

/** Leaves out the index that the stack does not use, with its SDK. */
const withoutOtherIndex = (index: IndexKind): Plugin => ({
  name: 'without-other-index',
  setup({ onLoad }) {
    const { path, contents } = otherIndex[index];
    const filter = new RegExp(`/shared/${path.replaceAll('.', '\\.')}$`);
    onLoad({ filter }, () => ({ contents, loader: 'js' }));
  },
});

const stemmers = 'shared/domain/memory/stemmers.ts';

/**
 * Loads the stemmers of ten languages with the first text in one of them. Analysis does not wait, so that is `require`, which takes a few
 * milliseconds once.
 */
const lateStemmers: Plugin = {
  name: 'late-stemmers',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\/stemmers\.ts$/ }, ({ kind }) =>
      kind === 'entry-point' ? undefined : { path: 'stemmers', namespace: 'late-stemmers' },
    );
    onResolve({ filter: /^\.\/stemmers\.mjs$/ }, ({ path }) => ({ path, external: true }));
    onLoad({ filter: /.*/, namespace: 'late-stemmers' }, () => ({
      contents: `import { createRequire } from 'node:module';
        let loaded;
        const load = () => createRequire(import.meta.url)('./stemmers.mjs');
        export const stemIn = (language, word) => (loaded ??= load()).stemIn(language, word);`,
    }));
  },
};

/** Scripts that no import names: of threads, and of what is loaded without waiting. */
const scripts: { readonly [name in FunctionName]?: { readonly [name: string]: string } } = {
  api: { stemmers },
  worker: { stemmers, 'document-thread': 'shared/adapters/documents/worker.ts' },
};

/** Options that bundles of functions have in common. */
export const bundleOptions = {
  absWorkingDir: root,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  // In most packages the ES modules are smaller than the CommonJS files that Node would load.
  mainFields: ['module', 'main'],
  minify: true,
  sourcemap: true,
  sourcesContent: false,
  legalComments: 'none',
  banner: { js: banner },
  logLevel: 'error',
} satisfies BuildOptions;

const bundleOne = async (name: FunctionName, dist: string, index: IndexKind): Promise<Bundle> => {
  const folder = join(dist, name);
  rmSync(folder, { recursive: true, force: true });
  const { metafile } = await build({
    ...bundleOptions,
    entryPoints: { index: `functions/${name}/index.ts`, ...scripts[name] },
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    splitting: true,
    plugins: [
      lateRoutes,
      lateStemmers,
      madePages,
      withoutLocalParts,
      withoutOtherIndex(index),
      withoutDescriptions,
      versionOnly,
    ],
    metafile: true,
  });
  return {
    name,
    folder,
    ...(await joinChunks(folder, metafile, bundleOptions, ['document-thread.mjs'])),
  };
};

/** Bundles each function into a folder of its own, with all dependencies, for a stack with this index. */
export const bundleAll = (
  dist = join(root, 'dist'),
  index: IndexKind = 'pinecone',
): Promise<Bundle[]> => Promise.all(functionNames.map((name) => bundleOne(name, dist, index)));

const kilobytes = (bytes: number): string => `${Math.ceil(bytes / 1_000)} KB`;

if (import.meta.main)
  for (const { name, eager, lazy } of await bundleAll())
    process.stdout.write(
      `${name.padEnd(10)} ${kilobytes(eager)} at start, ${kilobytes(lazy)} on first use\n`,
    );
