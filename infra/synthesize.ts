import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import type { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { bundleAll } from './bundle.ts';
import { addChecks } from './checks.ts';
import type { Assets } from './functions.ts';
import { indexKindOf, readSettings, type SettingSources, type Settings } from './settings.ts';
import { createStack } from './stack.ts';

const { context: flags } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../cdk.json'), 'utf8'),
);

interface Options extends Partial<SettingSources> {
  /** Existing bundles; without them the functions are bundled. */
  assets?: Assets;
  outdir?: string;
}

/** Bundles the functions and writes the stack as a CloudFormation template. Throws if a check has a finding. */
export const synthesize = async (options: Options = {}): Promise<CloudAssembly> => {
  const { outdir, stages, environment } = options;
  const app = new App({
    context: { ...flags, ...options.context },
    ...(outdir === undefined ? {} : { outdir }),
  });
  const settings = readSettings({
    context: app.node.getAllContext(),
    ...(stages === undefined ? {} : { stages }),
    ...(environment === undefined ? {} : { environment }),
  });
  createStack(app, settings, options.assets ?? (await buildAssets(settings)));
  addChecks(app);
  return app.synth();
};

const buildAssets = async (settings: Settings): Promise<Assets> => {
  const bundles = await bundleAll(undefined, indexKindOf(settings));
  const folderOf = (name: string) => bundles.find((one) => one.name === name)?.folder ?? '';
  return {
    api: folderOf('api'),
    worker: folderOf('worker'),
    dispatcher: folderOf('dispatcher'),
    sweeper: folderOf('sweeper'),
  };
};
