import { Duration } from 'aws-cdk-lib';
import { Schedule, ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import type { Construct } from 'constructs';
import type { DeployedFunction } from './functions.ts';
import { suppressFindings } from './suppress-findings.ts';

/** Calls the sweeper each minute. A call that fails is not repeated: the next one finds the same. */
export const createSchedule = (scope: Construct, { live }: DeployedFunction): void => {
  live.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(1) });
  suppressFindings(live, {
    'Serverless-LambdaAsyncFailureDestination':
      'A sweep that failed is made up for by the next; an alarm tells when they stay away.',
  });
  new Schedule(scope, 'EachMinute', {
    schedule: ScheduleExpression.rate(Duration.minutes(1)),
    target: new LambdaInvoke(live, { retryAttempts: 0, maxEventAge: Duration.minutes(1) }),
  });
};
