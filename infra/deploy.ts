import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { adoptedTableProblem } from '../shared/adapters/dynamodb/adopted-table.ts';
import { createDynamoDbClient } from '../shared/adapters/dynamodb/client.ts';
import { adoptedOf, indexSettingsOf, isOnS3Vectors } from './environment.ts';
import { isBadSetting, readSettings, type Settings } from './settings.ts';
import { stackNameOf } from './stack.ts';

// npm run deploy: `cdk deploy`, unless it would index everything anew without being asked to, or lose or mix data.

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

type Outputs = ReadonlyMap<string, string>;

/** Outputs of the deployed stack; undefined if there is none. */
const deployedOutputs = async (stack: string): Promise<Outputs | undefined> => {
  const client = new CloudFormationClient({ maxAttempts: 3 });
  try {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: stack }));
    const outputs = Stacks[0]?.Outputs ?? [];
    return new Map(outputs.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]));
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

const namesOfAdopted = ['DEPLOY_TABLE', 'DEPLOY_BUCKET', 'DEPLOY_WEBHOOK_KEY'];

/** Returns a sentence if the deployment would lose the data that the stack uses, or would use two tables for a time. */
const adoptionRefusal = (
  stack: string,
  settings: Settings,
  outputs: Outputs,
): string | undefined => {
  const deployed = outputs.get('Adopted') ?? adoptedOf({});
  const wanted = adoptedOf(settings);
  if (deployed === wanted) return undefined;
  const parts = wanted.split(' ');
  const lost = deployed.split(' ').findIndex((part, at) => part !== '-' && parts[at] === '-');
  if (lost >= 0)
    return `${stack} uses ${deployed.split(' ')[lost]}, and this deployment would begin with an empty one: set ${namesOfAdopted[lost]} in the file of the stage.`;
  if (!settings.keepData)
    return `This deployment would delete the data that ${stack} has now: deploy with DEPLOY_KEEP_DATA=true.`;
  if (!settings.canary) return undefined;
  return `${stack} would use its old data and the new ones side by side for five minutes: add -c DEPLOY_CANARY=false to change them at once.`;
};

const indexRefusal = (stack: string, settings: Settings, outputs: Outputs): string | undefined => {
  const wanted = indexSettingsOf(settings);
  const deployed = outputs.get('IndexSettings');
  if (deployed === undefined || deployed === wanted) return undefined;
  if (isOnS3Vectors(deployed) && !isOnS3Vectors(wanted))
    return `${stack} has the words of its index in its table, where another index would not erase them: it keeps TURNSTONE_INDEX=s3vectors. To move to Pinecone, export into a new stack.`;
  if (settings.reindex && settings.canary)
    return `${stack} would write to two indexes for five minutes, and what one version erases would stay in the index of the other: add -c DEPLOY_CANARY=false to change the index at once.`;
  if (settings.reindex) return undefined;
  return `${stack} runs with ${deployed}, and this deployment has ${wanted}. That indexes every memory again, or searches another index: add -c DEPLOY_REINDEX=true -c DEPLOY_CANARY=false if you want it.`;
};

const refusal = async (): Promise<string | undefined> => {
  const settings = readSettings({ context: contextOf(values.context) });
  const problem = await tableRefusal(settings);
  if (problem !== undefined) return problem;
  const stack = stackNameOf(settings.stage);
  const outputs = await deployedOutputs(stack);
  return (
    outputs && (adoptionRefusal(stack, settings, outputs) ?? indexRefusal(stack, settings, outputs))
  );
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
