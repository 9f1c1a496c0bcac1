import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { Settings } from './settings.ts';
import { allowPublish } from './topic.ts';

/** What the whole account may cost a month, when that was said. */
export const createBudget = (
  scope: Construct,
  topic: Topic,
  { monthlyBudget, stage }: Settings,
): void => {
  if (monthlyBudget === 0) return;
  allowPublish(topic, 'budgets');
  const output = (notificationType: 'ACTUAL' | 'FORECASTED', threshold: number) => ({
    notification: { notificationType, threshold, comparisonOperator: 'GREATER_THAN' },
    subscribers: [{ subscriptionType: 'SNS', address: topic.topicArn }],
  });
  const budget = new CfnBudget(scope, 'Budget', {
    budget: {
      budgetName: `turnstone-${stage}`,
      budgetType: 'COST',
      timeUnit: 'MONTHLY',
      budgetLimit: { amount: monthlyBudget, unit: 'USD' },
    },
    notificationsWithSubscribers: [output('ACTUAL', 80), output('FORECASTED', 100)],
  });
  budget.node.addDependency(topic);
};
