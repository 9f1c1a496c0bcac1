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
 * the function within these minutes rolls the alias back to the old version.
 */
export const createRollout = (
  scope: Construct,
  functions: Functions,
  alarms: { readonly [name in FunctionName]: Alarm[] },
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
    new LambdaDeploymentGroup(scope, `Rollout-${name}`, {
      application,
      role,
      alias: functions[name].live,
      deploymentConfig: LambdaDeploymentConfig.CANARY_10PERCENT_5MINUTES,
      alarms: alarms[name],
      autoRollback: { failedDeployment: true, stoppedDeployment: true, deploymentInAlarm: true },
    });
  }
};
