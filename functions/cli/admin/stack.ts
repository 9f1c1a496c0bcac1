import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import * as z from 'zod';
import { TerminalError } from '../../../shared/domain/errors.ts';

/**
 * Reads the outputs of a deployed stack.
 * @returns a function from the name of an output to its value
 * @throws TerminalError stack_unknown if the lookup fails or the stack is not a Turnstone stack
 */
export const outputsOf = async (stack: string): Promise<(name: string) => string> => {
  const client = new CloudFormationClient({ maxAttempts: 3 });
  const described = await client
    .send(new DescribeStacksCommand({ StackName: stack }))
    .catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      throw new TerminalError('stack_unknown', `The stack ${stack} cannot be looked up: ${reason}`);
    })
    .finally(() => client.destroy());
  const outputs = described.Stacks?.[0]?.Outputs ?? [];
  return (name) => {
    const value = outputs.find(({ OutputKey }) => OutputKey === name)?.OutputValue;
    if (value !== undefined) return value;
    throw new TerminalError('stack_unknown', `The stack ${stack} has no output ${name}.`);
  };
};

const ExistingKeys = z.record(z.string(), z.unknown()).catch({});

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
};

/**
 * Writes keys to the secret. Keys that are not given stay unchanged.
 * @throws TerminalError secret_unwritable
 */
export const putModelKeys = async (
  secretId: string,
  keys: { openai_api_key?: string; pinecone_api_key?: string },
): Promise<void> => {
  const client = new SecretsManagerClient({ maxAttempts: 3 });
  try {
    const before = await client.send(new GetSecretValueCommand({ SecretId: secretId }));
    const secret = { ...ExistingKeys.parse(parseJson(before.SecretString ?? '')), ...keys };
    const SecretString = JSON.stringify(secret);
    await client.send(new PutSecretValueCommand({ SecretId: secretId, SecretString }));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new TerminalError('secret_unwritable', `The secret cannot be written: ${reason}`);
  } finally {
    client.destroy();
  }
};
