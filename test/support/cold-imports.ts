import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { bundleOptions } from '../../infra/bundle.ts';
import { root } from './repository.ts';

/** Smallest possible API: the router and the two clients, created but not used. Baseline for cold starts. */
const least = `
import { Hono } from 'hono';
import { BatchGetItemCommand, DynamoDBClient, GetItemCommand, QueryCommand, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
export const made = [new Hono(), new DynamoDBClient({}), new SQSClient({})];
export const commands = [BatchGetItemCommand, GetItemCommand, QueryCommand, TransactWriteItemsCommand, SendMessageBatchCommand];
`;

/** Bundles the baseline with the options of the functions; path of the bundle. */
export const bundleLeast = async (folder: string): Promise<string> => {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'index.mjs');
  await build({
    ...bundleOptions,
    banner: {},
    sourcemap: false,
    stdin: { contents: least, resolveDir: root },
    outfile: file,
  });
  return file;
};

/** Settings of a function, whose services are not there. */
export const coldSettings = {
  AWS_REGION: 'us-east-1',
  TURNSTONE_TABLE: 'table',
  TURNSTONE_BUCKET: 'bucket',
  TURNSTONE_TURNS_QUEUE_URL: 'http://127.0.0.1:9/turns',
  TURNSTONE_NOTIFICATIONS_QUEUE_URL: 'http://127.0.0.1:9/notifications',
  TURNSTONE_SECRET: 'keys',
  TURNSTONE_SECRET_KEY: 'key',
  TURNSTONE_PINECONE_HOST: 'http://127.0.0.1:9',
};

/** Milliseconds that a new process takes to import the file, with the Node.js that runs this. */
export const timeImport = (file: string): number => {
  const program = `const start = performance.now();
await import(${JSON.stringify(pathToFileURL(file).href)});
process.stdout.write(String(performance.now() - start), () => process.exit(0));`;
  const out = execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
    env: coldSettings,
    encoding: 'utf8',
  });
  return Number(out);
};
