import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { adoptedTableProblem } from '../shared/adapters/dynamodb/adopted-table.ts';
import { createDynamoDbClient } from '../shared/adapters/dynamodb/client.ts';
import { indexSettingsOf } from './environment.ts';
import { isBadSetting, readSettings, type Settings } from './settings.ts';
import { stackNameOf } from './stack.ts';

// npm run deploy: `cdk deploy`, unless it would index everything anew without being asked to, or use a table that does not fit.

const args = process.argv.slice(2);
const { values } = parseArgs({
  args,
  options: { context: { type: 'string', short: 'c', multiple: true } },
  strict: false,
});

/** The context of the CDK, from `-c NAME=value`. */
const contextOf = (pairs: readonly unknown[] = []): { [name: string]: string } =>
  Object.fromEntries(
    pairs.map((pair) => {
      const [name = '', ...value] = String(pair).split('=');
      return [name, value.join('=')];
    }),
  );

/** Index settings of the deployed stack; undefined if there is none. */
const deployedSettings = async (stack: string): Promise<string | undefined> => {
  const client = new CloudFormationClient({ maxAttempts: 3 });
  try {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: stack }));
    return Stacks[0]?.Outputs?.find(({ OutputKey }) => OutputKey === 'IndexSettings')?.OutputValue;
  } catch (error) {
    if (error instanceof Error && /does not exist/.test(error.message)) return undefined;
    throw error;
  } finally {
    client.destroy();
  }
};

/** Returns a sentence if the table that the settings name cannot be used. */
const tableRefusal = async ({ tableName }: Settings): Promise<string | undefined> => {
  if (tableName === undefined) return undefined;
  const client = createDynamoDbClient();
  return adoptedTableProblem(client, tableName).finally(() => client.destroy());
};

const indexRefusal = async (settings: Settings): Promise<string | undefined> => {
  if (settings.reindex) return undefined;
  const stack = stackNameOf(settings.stage);
  const wanted = indexSettingsOf(settings);
  const deployed = await deployedSettings(stack);
  if (deployed === undefined || deployed === wanted) return undefined;
  return `${stack} runs with ${deployed}, and this deployment has ${wanted}. That indexes every memory again, or searches another index: add -c DEPLOY_REINDEX=true if you want it.`;
};

const refusal = async (): Promise<string | undefined> => {
  const settings = readSettings({ context: contextOf(values.context) });
  return (await tableRefusal(settings)) ?? (await indexRefusal(settings));
};

const reasonOf = (error: unknown): string => {
  if (isBadSetting(error)) return error.message;
  const reason = error instanceof Error ? error.message : String(error);
  return `What is deployed cannot be compared: ${reason}`;
};

const sentence = await refusal().catch(reasonOf);
if (sentence === undefined) {
  const child = spawn('cdk', ['deploy', ...args], { stdio: 'inherit' });
  child.on('exit', (code) => {
    process.exitCode = code ?? 1;
  });
} else {
  process.stderr.write(`${sentence}\n`);
  process.exitCode = 1;
}
