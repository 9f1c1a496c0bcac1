import { CfnOutput, type Stack } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import type { Secrets } from './secrets.ts';

/** What whoever deployed it needs next. */
export const addOutputs = (
  stack: Stack,
  { http, table, secrets, topic }: { http: HttpApi; table: Table; secrets: Secrets; topic: Topic },
): void => {
  const output = (name: string, description: string, value: string) =>
    new CfnOutput(stack, name, { description, value });
  output('ApiUrl', 'Where the API answers', http.apiEndpoint);
  output('TableName', 'The table', table.tableName);
  output('SecretArn', 'The secret of the model keys', secrets.modelKeys.secretArn);
  output('AlarmTopic', 'What alarms are told to', topic.topicArn);
  output(
    'ThenPutKeys',
    'Puts OPENAI_API_KEY and PINECONE_API_KEY of your environment into the secret',
    `npm run admin -- secret --stack ${stack.stackName}`,
  );
  output(
    'ThenCreateKey',
    'Creates the first API key',
    `npm run admin -- keys create --stack ${stack.stackName}`,
  );
};
