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

/** A new version gets a tenth of the calls for five minutes; an alarm meanwhile brings the old one back. */
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
      'CodeDeploy moves aliases with what AWS keeps in this policy for that.',
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
