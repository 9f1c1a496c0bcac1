import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { root } from './repository.ts';

const Manifest = z.looseObject({ name: z.string(), version: z.string() });

const folderOf = (name: string): string => join(root, 'node_modules', name);

/** Starts an npm registry on loopback with the packages that this repository has installed, in their one version. */
export const startPackageRegistry = async () => {
  let url = '';
  const describePackage = (name: string) => {
    const manifest = Manifest.parse(
      JSON.parse(readFileSync(join(folderOf(name), 'package.json'), 'utf8')),
    );
    const { version } = manifest;
    const dist = { tarball: `${url}/-/${encodeURIComponent(name)}` };
    return {
      name,
      'dist-tags': { latest: version },
      versions: { [version]: { ...manifest, dist } },
    };
  };

  const server = createServer((request, response) => {
    const path = decodeURIComponent((request.url ?? '').replace(/^\/(-\/)?/, ''));
    const isTarball = request.url?.startsWith('/-/') ?? false;
    if (!existsSync(join(folderOf(path), 'package.json'))) {
      response.writeHead(404).end('{}');
    } else if (isTarball) {
      const folder = folderOf(path);
      const parts = ['--exclude=node_modules', '-C', dirname(folder), basename(folder)];
      spawn('tar', ['-c', ...parts]).stdout.pipe(response);
    } else {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(describePackage(path)));
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
