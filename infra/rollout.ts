import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import {
  LambdaApplication,
  LambdaDeploymentConfig,
  LambdaDeploymentGroup,
} from 'aws-cdk-lib/aws-codedeploy';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { type FunctionName, functionNames } from './bundle.ts';
import type { Functions } from './functions.ts';
import { suppressFindings } from './suppress-findings.ts';

/**
 * Deploys new versions as a canary: a new version gets a tenth of the invocations for five minutes, then all. An alarm of
 * the function within these minutes rolls the alias back to the old version. CodeDeploy stops a deployment whose alarm is on, so
 * without `canary` new versions get all invocations at once and no alarm is asked. The sweeper never has two versions at once: each
 * would index everything anew by its own settings.
 */
export const createRollout = (
  scope: Construct,
  functions: Functions,
  { alarms, canary }: { alarms: { readonly [name in FunctionName]: Alarm[] }; canary: boolean },
): void => {
  const application = new LambdaApplication(scope, 'Rollout');
  const role = new Role(scope, 'RolloutRole', {
    assumedBy: new ServicePrincipal('codedeploy.amazonaws.com'),
  });
  suppressFindings(role, {
    'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited]':
      'The AWS managed policy for CodeDeploy to shift traffic between versions of a function.',
  });
  for (const name of functionNames) {
    const isGradual = canary && name !== 'sweeper';
    new LambdaDeploymentGroup(scope, `Rollout-${name}`, {
      application,
      role,
      alias: functions[name].live,
      deploymentConfig: isGradual
        ? LambdaDeploymentConfig.CANARY_10PERCENT_5MINUTES
        : LambdaDeploymentConfig.ALL_AT_ONCE,
      alarms: canary ? alarms[name] : [],
      autoRollback: { failedDeployment: true, stoppedDeployment: true, deploymentInAlarm: canary },
    });
  }
};
