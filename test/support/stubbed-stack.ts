import { mkdirSync, writeFileSync } from 'node:fs';
import { functionNames } from '../../infra/bundle.ts';
import { synthesize } from '../../infra/synthesize.ts';
import { temporaryFolder } from './temporary-folder.ts';

interface Synthesized {
  name: string;
  template: unknown;
}

type Context = { readonly [name: string]: unknown };

const synthesizeAnew = async (context: Context): Promise<Synthesized> => {
  const folder = temporaryFolder();
  try {
    const [api = '', worker = '', dispatcher = '', sweeper = ''] = functionNames.map((name) => {
      const path = folder.file(name);
      mkdirSync(path);
      writeFileSync(`${path}/index.mjs`, `export const handler = () => '${name}';\n`);
      return path;
    });
    const { stacks } = await synthesize({
      context: { ...context },
      environment: {},
      assets: { api, worker, dispatcher, sweeper },
      outdir: folder.file('cdk.out'),
    });
    return { name: stacks[0]?.stackName ?? '', template: stacks[0]?.template };
  } finally {
    folder.remove();
  }
};

const known = new Map<string, Promise<Synthesized>>();

/** Synthesizes the template of the stack with only the given settings, and with stub code. */
export const synthesizeStubbed = (context: Context = {}): Promise<Synthesized> => {
  const name = JSON.stringify(context);
  const synthesized = known.get(name) ?? synthesizeAnew(context);
  known.set(name, synthesized);
  return synthesized;
};

/** Synthesizes a template with most settings given. */
export const settledContext = {
  TURNSTONE_STAGE: 'night_1',
  TURNSTONE_PINECONE_HOST: 'https://index.example.com',
  TURNSTONE_MODEL: 'gpt-5-nano',
  TURNSTONE_WEBHOOK_TIMEOUT_MS: '9000',
  DEPLOY_ALARM_EMAIL: 'ops@example.com',
  DEPLOY_MONTHLY_BUDGET: '50',
  DEPLOY_LOG_DAYS: '7',
};
