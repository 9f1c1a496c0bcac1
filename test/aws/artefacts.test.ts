import { afterAll, describe, expect, inject, it } from 'vitest';
import { describeService } from '../e2e/service.contract.ts';
import { type Deployment, deploy } from '../support/aws-artefacts/deployment.ts';
import { grantsOf, isIdle, nameOf, refusedOf } from '../support/aws-artefacts/policy.ts';
import { answerGuangzhou } from '../support/guangzhou-answer.ts';

let deployment: Deployment;

afterAll(async () => {
  await deployment?.stop();
}, 60_000);

describeService('the synthesized artefacts', async (allow) => {
  deployment = await deploy({
    dynamoDbEndpoint: inject('dynamoDbEndpoint'),
    settings: { TURNSTONE_WEBHOOK_ALLOW: allow, TURNSTONE_WEBHOOK_SCHEDULE: '0,1,2,4' },
    model: { chat: answerGuangzhou },
  });
  // The tests examine the calls after the run.
  return { ...deployment, stop: async () => {} };
});

describe('the roles of the deployed functions', () => {
  /** Grants that are correct although no test uses them. */
  const unseen: readonly [RegExp, string][] = [
    [/: (logs:|arn:aws:logs:)/, 'The service writes what a function prints, with its role.'],
    [
      /(s3:ListBucket|arn:aws:s3:::[\w-]+)$/,
      'S3 requires the right to tell that an object is absent.',
    ],
    [/: (xray:|\*$)/, 'The service sends its traces with the role.'],
  ];

  it('the roles of the functions allow every call that was made', () => {
    const refused = refusedOf(deployment.statements(), deployment.accesses());

    expect(refused.map(({ principal, action, resource }) => [principal, action, resource])).toEqual(
      [],
    );
  });

  it('every grant of the roles is needed by a call, except those that no test uses', () => {
    const statements = deployment.statements();
    const accesses = deployment.accesses();

    const idle = grantsOf(statements)
      .filter((grant) => isIdle(grant, statements, accesses))
      .map(nameOf);
    const stale = unseen.filter(([pattern]) => !idle.some((name) => pattern.test(name)));

    expect(idle.filter((name) => !unseen.some(([pattern]) => pattern.test(name)))).toEqual([]);
    expect(stale.map(([, reason]) => reason)).toEqual([]);
  });

  it('the run leaves no message in a dead-letter queue and no error in a log', () => {
    const errors = deployment.lines.filter((line) => line.includes('"level":"error"'));

    expect(deployment.deadLetters()).toEqual([]);
    expect(errors).toEqual([]);
  });
});
