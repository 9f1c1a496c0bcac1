import { spawn } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { root } from './repository.ts';

const Manifest = z.looseObject({ name: z.string(), version: z.string() });

/** Folders of the installed versions of a package: the shared one, and those within packages that need another. */
const foldersOf = (name: string): Map<string, string> => {
  const manifests = globSync(
    ['', '*/node_modules/', '@*/*/node_modules/'].map(
      (within) => `node_modules/${within}${name}/package.json`,
    ),
    { cwd: root },
  );
  return new Map(
    manifests.map((file) => {
      const path = join(root, file);
      return [Manifest.parse(JSON.parse(readFileSync(path, 'utf8'))).version, dirname(path)];
    }),
  );
};

/** Starts an npm registry on loopback with the packages that this repository has installed, in their installed versions. */
export const startPackageRegistry = async () => {
  let url = '';
  const describePackage = (name: string, folders: ReadonlyMap<string, string>) => {
    const versions = [...folders].map(([version, folder]) => {
      const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      const dist = { tarball: `${url}/-/${encodeURIComponent(`${name}@${version}`)}` };
      return [version, { ...manifest, dist }] as const;
    });
    return {
      name,
      'dist-tags': { latest: [...folders.keys()].at(0) },
      versions: Object.fromEntries(versions),
    };
  };

  const server = createServer((request, response) => {
    const path = decodeURIComponent((request.url ?? '').replace(/^\/(-\/)?/, ''));
    const isTarball = request.url?.startsWith('/-/') ?? false;
    const [, name = path, wanted = ''] = (isTarball && /^(.+)@(.+)$/.exec(path)) || [];
    const folders = foldersOf(name);
    const folder = folders.get(wanted);
    if (isTarball && folder) {
      const parts = ['--exclude=node_modules', '-C', dirname(folder), basename(folder)];
      spawn('tar', ['-c', ...parts]).stdout.pipe(response);
    } else if (!isTarball && folders.size > 0) {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(describePackage(name, folders)));
    } else {
      response.writeHead(404).end('{}');
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;

  return {
    url,
    close(): void {
      server.closeAllConnections();
      server.close();
    },
  };
};
