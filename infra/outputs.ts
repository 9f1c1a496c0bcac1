import { CfnOutput, type Stack } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import type { Secrets } from './secrets.ts';

/** What whoever deployed it needs next. */
export const tellOutputs = (
  stack: Stack,
  { http, table, secrets, topic }: { http: HttpApi; table: Table; secrets: Secrets; topic: Topic },
): void => {
  const tell = (name: string, description: string, value: string) =>
    new CfnOutput(stack, name, { description, value });
  tell('ApiUrl', 'Where the API answers', http.apiEndpoint);
  tell('TableName', 'The table', table.tableName);
  tell('SecretArn', 'The secret of the model keys', secrets.modelKeys.secretArn);
  tell('AlarmTopic', 'What alarms are told to', topic.topicArn);
  tell(
    'ThenPutKeys',
    'Puts OPENAI_API_KEY and PINECONE_API_KEY of your environment into the secret',
    `npm run admin -- secret --stack ${stack.stackName}`,
  );
  tell(
    'ThenCreateKey',
    'Creates the first API key',
    `npm run admin -- keys create --stack ${stack.stackName}`,
  );
};
