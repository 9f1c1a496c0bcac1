import { Stack } from 'aws-cdk-lib';
import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import type { Settings } from './settings.ts';
import { suppressFindings } from './suppress-findings.ts';

/** Allows an AWS service to publish to the topic for resources of this account; by default the topic policy allows no service. */
const allowPublish = (topic: Topic, service: 'cloudwatch' | 'budgets'): void => {
  topic.grantPublish(
    new ServicePrincipal(`${service}.amazonaws.com`, {
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(topic).account } },
    }),
  );
};

/** Creates the topic that alarms publish to, with an e-mail subscription if an address is set. */
export const createTopic = (scope: Construct, { stage, alarmEmail }: Settings): Topic => {
  const topic = new Topic(scope, 'Alarms', {
    displayName: `Turnstone ${stage}`,
    enforceSSL: true,
  });
  allowPublish(topic, 'cloudwatch');
  if (alarmEmail) topic.addSubscription(new EmailSubscription(alarmEmail));
  suppressFindings(topic, {
    'Serverless-SNSRedrivePolicy':
      'A mail that is not delivered needs no queue: CloudWatch still shows the alarm.',
  });
  return topic;
};

/** Creates a monthly cost budget for the whole account that publishes to the topic; none if the setting is 0. */
export const createBudget = (
  scope: Construct,
  topic: Topic,
  { monthlyBudget, stage }: Settings,
): void => {
  if (monthlyBudget === 0) return;
  allowPublish(topic, 'budgets');
  const notifyAt = (notificationType: 'ACTUAL' | 'FORECASTED', threshold: number) => ({
    notification: { notificationType, threshold, comparisonOperator: 'GREATER_THAN' },
    subscribers: [{ subscriptionType: 'SNS', address: topic.topicArn }],
  });
  const budget = new CfnBudget(scope, 'Budget', {
    budget: {
      // Names of budgets are those of the account, whatever the region.
      budgetName: `turnstone-${stage}-${Stack.of(scope).region}`,
      budgetType: 'COST',
      timeUnit: 'MONTHLY',
      budgetLimit: { amount: monthlyBudget, unit: 'USD' },
    },
    notificationsWithSubscribers: [notifyAt('ACTUAL', 80), notifyAt('FORECASTED', 100)],
  });
  budget.node.addDependency(topic);
};
