import { join, relative } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';

const api = join(import.meta.dirname, '../functions/api');

/** Files that list the routes of other files. */
const listings = ['app.ts', 'mem0/routes.ts'];

/**
 * Files of routes that an environment seldom serves, with their export that declares them. The first request for a route of a group loads
 * the whole group: each file that is loaded late shares parts with others, which would be files of their own.
 */
const groups: { readonly [group: string]: { readonly [file: string]: string } } = {
  memos: { 'memos/routes.ts': 'memosRoutes' },
  rare: {
    'native/processing/process.ts': 'processRoutes',
    'native/processing/tasks.ts': 'taskRoutes',
    'native/processing/users.ts': 'userRoutes',
    'native/webhooks/routes.ts': 'webhookRoutes',
    'native/keys.ts': 'keyRoutes',
    'native/archive/routes.ts': 'archiveRoutes',
    'mem0/delete.ts': 'deleteRoutes',
    'mem0/batch.ts': 'batchRoutes',
    'mem0/feedback.ts': 'feedbackRoutes',
    'mem0/profiles.ts': 'profileRoutes',
    'mem0/entities.ts': 'entityRoutes',
    'mem0/exports.ts': 'exportRoutes',
    'mem0/create-entity.ts': 'createEntityRoutes',
    'mem0/stats.ts': 'statsRoutes',
    'mem0/webhooks.ts': 'webhookRoutes',
    'mem0/projects.ts': 'projectRoutes',
    'mcp/routes.ts': 'mcpRoutes',
    'openapi/routes.ts': 'openApiRoutes',
  },
};

/** Part of a route that the router and the guard need. */
interface Route {
  method: string;
  path: string;
  options: { permission?: unknown; work?: unknown };
}

const exportsOf = (files: { readonly [file: string]: string }): string =>
  Object.entries(files)
    .map(
      ([file, name]) =>
        `export { ${name} as ${JSON.stringify(file)} } from ${JSON.stringify(join(api, file))};`,
    )
    .join('\n');

const withoutLateImports: Plugin = {
  name: 'without-late-imports',
  setup({ onResolve }) {
    onResolve({ filter: /.*/ }, ({ path, kind }) =>
      kind === 'dynamic-import' ? { path, external: true } : undefined,
    );
  },
};

/** Stands for all that declarations are given: they read parts of it, call some, and use none before a request. */
const anything: unknown = new Proxy(() => undefined, {
  get: (_, name) => (name === Symbol.toPrimitive ? () => '' : anything),
  apply: () => anything,
});

/** Reads the declarations as the bundle has them, with its replacements: some routes are for one machine only. */
const readDeclarations = async (initial: BuildOptions): Promise<Map<string, readonly Route[]>> => {
  const { entryPoints: _, splitting: __, plugins = [], ...options } = initial;
  const { outputFiles } = await build({
    ...options,
    stdin: { contents: Object.values(groups).map(exportsOf).join('\n'), resolveDir: api },
    sourcemap: false,
    metafile: false,
    write: false,
    plugins: [withoutLateImports, ...plugins.filter(({ name }) => name !== lateRoutes.name)],
  });
  const code = Buffer.from(outputFiles[0]?.contents ?? []).toString('base64');
  const module: { [file: string]: (...given: unknown[]) => readonly Route[] } = await import(
    `data:text/javascript;base64,${code}`
  );
  const declared = Object.entries(module).map(
    ([file, declare]) => [file, declare(anything, anything, anything)] as const,
  );
  return new Map(declared);
};

/** Declares the routes of a file without their schemas and handlers, which the first request for one of them loads. */
const declarationOf = (group: string, file: string, routes: readonly Route[]): string => {
  const declared = routes.map(({ method, path, options: { permission, work } }) => ({
    method,
    path,
    options: { permission, work },
  }));
  return `
  const declared = ${JSON.stringify(declared)};
  export const ${groups[group]?.[file]} = (...given) => {
    let loading;
    const load = async () => (await import('late:${group}'))[${JSON.stringify(file)}](...given);
    const loaded = () => loading ??= load().catch((error) => {
      loading = undefined;
      throw error;
    });
    const handlerOf = (at) => async (c) => (await loaded())[at].handler(c);
    return declared.map((route, at) => ({ ...route, handler: handlerOf(at) }));
  };`;
};

/** Replaces rare routes, where they are listed, by declarations that load them. */
export const lateRoutes: Plugin = {
  name: 'late-routes',
  setup({ onResolve, onLoad, initialOptions }) {
    let reading: ReturnType<typeof readDeclarations> | undefined;
    onResolve({ filter: /^\.\/.*\.ts$/ }, ({ path, importer, resolveDir }) => {
      if (!listings.includes(relative(api, importer))) return undefined;
      const file = relative(api, join(resolveDir, path));
      const isLate = Object.values(groups).some((files) => file in files);
      return isLate ? { path: file, namespace: 'late-declaration' } : undefined;
    });
    onResolve({ filter: /^late:/ }, ({ path }) => ({
      path: path.slice('late:'.length),
      namespace: 'late-group',
    }));
    onLoad({ filter: /.*/, namespace: 'late-declaration' }, async ({ path: file }) => {
      reading ??= readDeclarations(initialOptions);
      const routes = (await reading).get(file);
      const group = Object.keys(groups).find((name) => file in (groups[name] ?? {}));
      if (!routes || group === undefined) throw new TypeError(`${file} declares no routes`);
      return { contents: declarationOf(group, file, routes) };
    });
    onLoad({ filter: /.*/, namespace: 'late-group' }, ({ path }) => ({
      contents: exportsOf(groups[path] ?? {}),
      resolveDir: api,
    }));
  },
};
