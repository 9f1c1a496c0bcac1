import { join, relative } from 'node:path';
import type { Plugin } from 'esbuild';

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

/** Stands for all that declarations are given: they read parts of it, call some, and use none before a request. */
const anything: unknown = new Proxy(() => undefined, {
  get: (_, name) => (name === Symbol.toPrimitive ? () => '' : anything),
  apply: () => anything,
});

const declaredIn = async (file: string, name: string): Promise<readonly Route[]> => {
  const module: { [name: string]: (...given: unknown[]) => readonly Route[] } = await import(
    join(api, file)
  );
  const routes = module[name]?.(anything, anything, anything);
  if (!routes) throw new TypeError(`${file} has no ${name}`);
  return routes.map(({ method, path, options: { permission, work } }) => ({
    method,
    path,
    options: { permission, work },
  }));
};

/** Declares the routes of a file without their schemas and handlers, which the first request for one of them loads. */
const declaration = async (group: string, file: string, name: string): Promise<string> => `
  const declared = ${JSON.stringify(await declaredIn(file, name))};
  export const ${name} = (...given) => {
    let loading;
    const load = async () => (await import('late:${group}'))[${JSON.stringify(file)}](...given);
    const loaded = () => loading ??= load().catch((error) => {
      loading = undefined;
      throw error;
    });
    const handlerOf = (at) => async (c) => (await loaded())[at].handler(c);
    return declared.map((route, at) => ({ ...route, handler: handlerOf(at) }));
  };`;

const exportsOf = (files: { readonly [file: string]: string }): string =>
  Object.entries(files)
    .map(
      ([file, name]) =>
        `export { ${name} as ${JSON.stringify(file)} } from ${JSON.stringify(join(api, file))};`,
    )
    .join('\n');

/** Replaces rare routes, where they are listed, by declarations that load them. */
export const lateRoutes: Plugin = {
  name: 'late-routes',
  setup({ onResolve, onLoad }) {
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
      const [group = '', files = {}] = Object.entries(groups).find(([, one]) => file in one) ?? [];
      return { contents: await declaration(group, file, files[file] ?? '') };
    });
    onLoad({ filter: /.*/, namespace: 'late-group' }, ({ path }) => ({
      contents: exportsOf(groups[path] ?? {}),
      resolveDir: api,
    }));
  },
};
