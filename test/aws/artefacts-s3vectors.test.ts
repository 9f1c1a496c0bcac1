import { afterAll, describe, expect, inject, it } from 'vitest';
import { describeService } from '../e2e/service.contract.ts';
import { type Deployment, deploy } from '../support/aws-artefacts/deployment.ts';
import { grantsOf, isIdle, nameOf, refusedOf } from '../support/aws-artefacts/policy.ts';
import { answerGuangzhou } from '../support/guangzhou-answer.ts';

let deployment: Deployment;

afterAll(async () => {
  await deployment?.stop();
}, 60_000);

describeService('the synthesized artefacts with S3 Vectors', async (allow) => {
  deployment = await deploy({
    dynamoDbEndpoint: inject('dynamoDbEndpoint'),
    settings: {
      TURNSTONE_INDEX: 's3vectors',
      TURNSTONE_PINECONE_HOST: '',
      TURNSTONE_WEBHOOK_ALLOW: allow,
      TURNSTONE_WEBHOOK_SCHEDULE: '0,1,2,4',
    },
    model: { chat: answerGuangzhou },
    secret: JSON.stringify({ openai_api_key: 'sk-test', pinecone_api_key: '' }),
  });
  // The tests examine the calls after the run.
  return { ...deployment, stop: async () => {} };
});

describe('a deployment without a second vendor', () => {
  it('the roles of the functions allow every call that was made', () => {
    const refused = refusedOf(deployment.statements(), deployment.accesses());

    expect(refused.map(({ principal, action, resource }) => [principal, action, resource])).toEqual(
      [],
    );
  });

  it('every grant on the vector bucket is needed by a call', () => {
    const statements = deployment.statements();
    const accesses = deployment.accesses();

    const grants = grantsOf(statements).filter((grant) => nameOf(grant).includes('s3vectors'));
    const idle = grants.filter((grant) => isIdle(grant, statements, accesses));

    expect(grants).not.toEqual([]);
    expect(idle.map(nameOf)).toEqual([]);
  });

  it('the vectors are in the bucket of the stack, and Pinecone is asked nothing', () => {
    const operations = new Set(deployment.vectors.requests.map(({ operation }) => operation));

    expect([...operations].sort()).toEqual([
      'DeleteVectors',
      'GetVectors',
      'PutVectors',
      'QueryVectors',
    ]);
    expect(deployment.pinecone.requests).toEqual([]);
  });

  it('the run leaves no message in a dead-letter queue and no error in a log', () => {
    expect(deployment.deadLetters()).toEqual([]);
    expect(deployment.lines.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  });
});
