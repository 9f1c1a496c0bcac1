import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { readSource } from '../support/repository.ts';
import { synthesizeStubbed } from '../support/stubbed-stack.ts';

const Template = z.object({
  Resources: z.record(
    z.string(),
    z.object({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).default({}) }),
  ),
  Outputs: z.record(z.string(), z.object({ Value: z.unknown() })),
});

const named = {
  DEPLOY_TABLE: 'turnstone-restored',
  DEPLOY_BUCKET: 'turnstone-files',
  DEPLOY_WEBHOOK_KEY: 'arn:aws:kms:eu-west-1:111122223333:key/0c4b2f6e-1111-2222-3333-444455556666',
};
const stateful = ['AWS::DynamoDB::Table', 'AWS::S3::Bucket', 'AWS::KMS::Key'];

const synthesized = async (context: { [name: string]: string }) => {
  const { Resources, Outputs } = Template.parse((await synthesizeStubbed(context)).template);
  const all = (type: string) => Object.values(Resources).filter(({ Type }) => Type === type);
  return { all, Outputs, types: new Set(Object.values(Resources).map(({ Type }) => Type)) };
};

describe('a stack with the table, the bucket and the key of another one', () => {
  it('the stack creates none of them', async () => {
    const own = await synthesized({});
    const { types } = await synthesized(named);

    expect(stateful.filter((type) => own.types.has(type))).toEqual(stateful);
    expect(stateful.filter((type) => types.has(type))).toEqual([]);
  });

  it('its functions use them, and have permissions for them alone', async () => {
    const { all, Outputs } = await synthesized(named);
    const environments = JSON.stringify(all('AWS::Lambda::Function'));
    const policies = all('AWS::IAM::Policy').map((policy) => JSON.stringify(policy));

    expect(environments).toContain('"TURNSTONE_TABLE":"turnstone-restored"');
    expect(environments).toContain('"TURNSTONE_BUCKET":"turnstone-files"');
    expect(environments).toContain(`"${named.DEPLOY_WEBHOOK_KEY}"`);
    for (const service of ['dynamodb', 's3', 'kms'])
      expect(policies.some((policy) => policy.includes(`"${service}:`))).toBe(true);
    for (const policy of policies.filter((text) => text.includes('"dynamodb:')))
      expect(policy).toContain(':table/turnstone-restored"');
    expect(policies.join()).toContain(':table/turnstone-restored/index/GSI1');
    expect(policies.join()).toContain(':::turnstone-files/*');
    expect(Outputs).toMatchObject({
      TableName: { Value: named.DEPLOY_TABLE },
      BucketName: { Value: named.DEPLOY_BUCKET },
      WebhookKeyArn: { Value: named.DEPLOY_WEBHOOK_KEY },
    });
  });

  it('a stack may use another table and keep its own bucket and key', async () => {
    const { types } = await synthesized({ DEPLOY_TABLE: 'turnstone-restored' });

    expect(stateful.filter((type) => types.has(type))).toEqual([
      'AWS::S3::Bucket',
      'AWS::KMS::Key',
    ]);
  });

  it.each([
    [{ DEPLOY_TABLE: 'a/b' }, 'DEPLOY_TABLE must be the name of a table'],
    [{ DEPLOY_BUCKET: 'No' }, 'DEPLOY_BUCKET must be the name of a bucket'],
    [{ DEPLOY_WEBHOOK_KEY: 'alias/x' }, 'DEPLOY_WEBHOOK_KEY must be the ARN of a KMS key'],
  ])('the setting %j is rejected in one sentence', async (context, sentence) => {
    await expect(synthesizeStubbed(context)).rejects.toThrow(sentence);
  });
});

describe('the runbook of a restore', () => {
  const runbook = /## Restore\n([\s\S]*?)\n## /.exec(readSource('infra/README.md'))?.[1] ?? '';

  it('its deployment has the stack use the table that its commands restore', async () => {
    const [, target] = /--target-table-name (\S+)/.exec(runbook) ?? [];
    const [, flag = '', table = ''] = /npm run deploy -- -c (\w+)=(\S+)/.exec(runbook) ?? [];
    const { Outputs, types } = await synthesized({ [flag]: table });

    expect(table).toBe(target);
    expect(Outputs['TableName']?.Value).toBe(target);
    expect(types.has('AWS::DynamoDB::Table')).toBe(false);
  });

  it('it restores what point-in-time recovery leaves out of what the stack gives its own table', async () => {
    const { all } = await synthesized({});
    const table = all('AWS::DynamoDB::Table')[0]?.Properties ?? {};

    expect(table).toMatchObject({
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
    });
    expect(runbook).toContain('Enabled=true,AttributeName=expiresAt');
    expect(runbook).toContain('PointInTimeRecoveryEnabled=true');
    expect(runbook).toContain('--deletion-protection-enabled');
  });

  it('the outputs that it names exist', async () => {
    const { Outputs } = await synthesized({});
    const names = ['TableName', 'BucketName', 'WebhookKeyArn'];

    for (const name of names) expect(runbook).toContain(`\`${name}\``);
    expect(names.filter((name) => !(name in Outputs))).toEqual([]);
  });
});

describe('the outputs', () => {
  it('the outputs name the URL of the API and the next steps', async () => {
    const { Outputs } = await synthesized({});
    expect(Object.keys(Outputs)).toEqual([
      'ApiUrl',
      'TableName',
      'BucketName',
      'WebhookKeyArn',
      'SecretArn',
      'Adopted',
      'IndexSettings',
      'AlarmTopic',
      'ThenPutKeys',
      'ThenCreateKey',
    ]);
    expect(Outputs['ThenCreateKey']).toMatchObject({
      Value: 'npm run admin -- keys create --stack turnstone-prod',
    });
  });
});
