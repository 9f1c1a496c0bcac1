import { createDynamoDbClient } from '../../shared/adapters/dynamodb/client.ts';
import { createDynamoDbStore } from '../../shared/adapters/dynamodb/store.ts';
import { systemClock } from '../../shared/adapters/system/clock.ts';
import { createIds } from '../../shared/adapters/system/ids.ts';
import { TerminalError } from '../../shared/domain/errors.ts';
import { readConfig } from '../../shared/platform/config/config.ts';
import { openPlatform } from '../../shared/platform/open-platform.ts';
import { runCommand } from '../run-command.ts';
import { readReindexCommand, runReindexCommand } from './admin/reindex.ts';
import { readReprocessCommand, runReprocessCommand } from './admin/reprocess.ts';
import { readRetryCommand, runRetryCommand } from './admin/retry-failed.ts';
import { outputsOf, putModelKeys } from './admin/stack.ts';
import { readKeyCommand, runKeyCommand } from './keys/command.ts';

const usage = `Usage:
  npm run admin -- keys create --stack <name> [--project <name or id>] [--permissions read,write,admin] [--name <purpose>]
  npm run admin -- keys list --stack <name> [--project <name or id>]
  npm run admin -- keys revoke <key id> --stack <name>
  npm run admin -- retry-failed --since <time, or 90m, 36h, 3d ago> [--code <error code>] [--project <name or id>] [--stack <name>]
  npm run admin -- reprocess --since <time, or 90m, 36h, 3d ago> [--project <name or id>] [--dry-run] [--stack <name>]
  npm run admin -- reindex --stack <name> [--project <name or id>]      indexes everything again, as after a restore
  npm run admin -- secret --stack <name>      puts OPENAI_API_KEY and PINECONE_API_KEY of the environment into its secret`;

type Outputs = Awaited<ReturnType<typeof outputsOf>>;

const storeOf = (outputs: Outputs) => {
  const clock = systemClock;
  const ids = createIds(clock);
  const client = createDynamoDbClient();
  const store = createDynamoDbStore({ client, table: outputs('TableName'), clock, ids });
  return { store, ids, clock };
};

const fillSecret = async (outputs: Outputs): Promise<void> => {
  const { openaiApiKey, pineconeApiKey } = readConfig();
  const keys = {
    ...(openaiApiKey === undefined ? {} : { openai_api_key: openaiApiKey }),
    ...(pineconeApiKey === undefined ? {} : { pinecone_api_key: pineconeApiKey }),
  };
  const names = Object.keys(keys);
  if (names.length === 0)
    throw new TerminalError('bad_command', `Set OPENAI_API_KEY or PINECONE_API_KEY.\n${usage}`);
  await putModelKeys(outputs('SecretArn'), keys);
  console.log(`The secret now has ${names.join(' and ')}. Functions read a first key within`);
  console.log('15 seconds, and a changed key within five minutes.');
};

/** Retries failed events of a stack, or of this machine without --stack. */
const retry = async (args: readonly string[]): Promise<void> => {
  const command = readRetryCommand(args, systemClock.now());
  if (command.stack === undefined) {
    const platform = await openPlatform(readConfig());
    return runRetryCommand(platform, command).finally(() => platform.close());
  }
  const deps = storeOf(await outputsOf(command.stack));
  return runRetryCommand(deps, command).finally(() => deps.store.close());
};

/** Refines turns of a stack again, or of this machine without --stack, with the model of the environment. */
const reprocess = async (args: readonly string[]): Promise<void> => {
  const command = readReprocessCommand(args, systemClock.now());
  const config = readConfig();
  const table = command.stack && (await outputsOf(command.stack))('TableName');
  const platform = await openPlatform(
    table ? { ...config, storeKind: 'dynamodb' as const, table } : config,
  );
  return runReprocessCommand(platform, command).finally(() => platform.close());
};

/** Indexes everything of a stack again. */
const reindex = async (args: readonly string[]): Promise<void> => {
  const command = readReindexCommand(args, usage);
  const deps = storeOf(await outputsOf(command.stack));
  return runReindexCommand(deps, command).finally(() => deps.store.close());
};

await runCommand(usage, async () => {
  const [name, ...args] = process.argv.slice(2);
  if (name === 'retry-failed') return retry(args);
  if (name === 'reindex') return reindex(args);
  if (name === 'reprocess') return reprocess(args);
  const { positionals, values } = readKeyCommand(process.argv.slice(2), usage);
  const [subject, ...rest] = positionals;
  if (values.stack === undefined || (subject !== 'keys' && subject !== 'secret'))
    throw new TerminalError('bad_command', usage);
  const outputs = await outputsOf(values.stack);
  if (subject === 'secret') return fillSecret(outputs);
  const deps = storeOf(outputs);
  try {
    await runKeyCommand(deps, { positionals: rest, values }, usage);
  } finally {
    await deps.store.close();
  }
});
