import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { functionNames } from '../../infra/bundle.ts';
import { synthesize } from '../../infra/synthesize.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const AssetManifest = z.object({
  files: z.record(
    z.string(),
    z.object({ source: z.object({ path: z.string(), packaging: z.string() }) }),
  ),
});

const folder = temporaryFolder();
let assets: string[];
beforeAll(async () => {
  const assembly = await synthesize({ environment: {}, outdir: folder.path });
  const [manifest = ''] = readdirSync(folder.path).filter((name) => name.endsWith('.assets.json'));
  const { files } = AssetManifest.parse(
    JSON.parse(readFileSync(join(assembly.directory, manifest), 'utf8')),
  );
  assets = Object.values(files)
    .filter(({ source }) => source.packaging === 'zip')
    .map(({ source }) => join(assembly.directory, source.path));
});
afterAll(() => folder.remove());

describe('bundles', () => {
  it('there is one bundle per function, with its entry', () => {
    expect(assets).toHaveLength(functionNames.length);
    for (const asset of assets) expect(existsSync(join(asset, 'index.mjs'))).toBe(true);
  });

  it('a bundle contains nothing but code', () => {
    const others = assets
      .flatMap((asset) => readdirSync(asset))
      .filter((name) => !name.endsWith('.mjs'));

    expect(others).toEqual([]);
  });
});
