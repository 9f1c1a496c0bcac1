import { Duration, RemovalPolicy, SecretValue } from 'aws-cdk-lib';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import type { Settings } from './settings.ts';
import { suppressFindings } from './suppress-findings.ts';

export interface Secrets {
  /** API keys of OpenAI and Pinecone, empty until the operator sets them. */
  modelKeys: Secret;
  /** KMS key that seals webhook secrets. */
  webhookKey: IKey;
}

/** Returns the key that the operator names, which stays as it is, or creates one. */
const webhookKeyOf = (scope: Construct, { stage, keepData, webhookKeyArn }: Settings): IKey =>
  webhookKeyArn === undefined
    ? new Key(scope, 'WebhookKey', {
        description: `Turnstone ${stage}: seals webhook secrets`,
        enableKeyRotation: true,
        // Without this key the webhook secrets of a table that outlives the stack could not be opened.
        removalPolicy: keepData ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY,
        pendingWindow: Duration.days(keepData ? 30 : 7),
      })
    : Key.fromKeyArn(scope, 'WebhookKey', webhookKeyArn);

export const createSecrets = (scope: Construct, settings: Settings): Secrets => {
  const { stage } = settings;
  const none = SecretValue.unsafePlainText('');
  const modelKeys = new Secret(scope, 'ModelKeys', {
    description: `Turnstone ${stage}: keys to OpenAI and Pinecone`,
    secretObjectValue: { openai_api_key: none, pinecone_api_key: none },
  });
  suppressFindings(modelKeys, {
    'AwsSolutions-SMG4': 'OpenAI and Pinecone issue the keys, so AWS cannot rotate them.',
  });
  const webhookKey = webhookKeyOf(scope, settings);
  return { modelKeys, webhookKey };
};
