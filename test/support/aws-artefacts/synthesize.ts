import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { bundleAll } from '../../../infra/bundle.ts';
import { synthesize as synthesizeStack } from '../../../infra/synthesize.ts';

const Assets = z.object({
  files: z.record(
    z.string(),
    z.object({
      source: z.object({ path: z.string() }),
      destinations: z.record(z.string(), z.object({ objectKey: z.string() })),
    }),
  ),
});

/** Artefacts that `cdk deploy` would upload. */
export interface Synthesized {
  template: unknown;
  /** Returns the folder of an asset by its key in the bucket. */
  assetFolder(key: string): string;
}

const only = (folder: string, pattern: string): string => {
  const [found, ...others] = globSync(pattern, { cwd: folder });
  if (found === undefined || others.length > 0)
    throw new Error(`one ${pattern} was expected in ${folder}`);
  return join(folder, found);
};

const readJson = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));

/** Values for settings that name loopback servers in tests: synthesis accepts none, so the template gets the servers afterwards. */
const standIns: { readonly [name: string]: string } = {
  OPENAI_BASE_URL: 'https://model.example.com/v1',
  TURNSTONE_WEBHOOK_ALLOW: '10.0.0.1:443',
};

type Environment = { readonly [name: string]: string };

const withStandIns = (environment: Environment): Environment =>
  Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [name, standIns[name] ?? value]),
  );

const withoutStandIns = (value: unknown, environment: Environment): unknown =>
  JSON.parse(JSON.stringify(value), (name, text) =>
    text === standIns[name] ? environment[name] : text,
  );

/**
 * Builds the bundles and synthesizes the stack into a folder outside the repository, so that a package missing in a
 * bundle is not found in `node_modules` by accident.
 *
 * @param environment settings of `npm run deploy`
 */
export const synthesize = async (
  folder: string,
  environment: Environment,
): Promise<Synthesized> => {
  const index = environment['TURNSTONE_INDEX'] === 's3vectors' ? 's3vectors' : 'pinecone';
  const bundles = await bundleAll(join(folder, 'dist'), index);
  const folderOf = (name: string) => bundles.find((one) => one.name === name)?.folder ?? '';
  const outdir = join(folder, 'cdk.out');
  await synthesizeStack({
    outdir,
    environment: withStandIns(environment),
    assets: {
      api: folderOf('api'),
      worker: folderOf('worker'),
      dispatcher: folderOf('dispatcher'),
      sweeper: folderOf('sweeper'),
    },
  });

  const { files } = Assets.parse(readJson(only(outdir, '*.assets.json')));
  const folders = new Map(
    Object.values(files).flatMap(({ source, destinations }) =>
      Object.values(destinations).map(({ objectKey }) => [objectKey, join(outdir, source.path)]),
    ),
  );
  return {
    template: withoutStandIns(readJson(only(outdir, '*.template.json')), environment),
    assetFolder(key) {
      const found = folders.get(key);
      if (found === undefined) throw new Error(`no asset has the key ${key}`);
      return found;
    },
  };
};
