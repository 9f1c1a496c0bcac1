import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { TerminalError } from '../../../shared/domain/errors.ts';

/**
 * What a deployed stack says of itself, by name.
 * @throws TerminalError stack_unknown: it cannot be looked up, or is not one of ours
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
