import { Stack } from 'aws-cdk-lib';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import type { Settings } from './settings.ts';
import { suppressFindings } from './suppress-findings.ts';

/** Lets a service of AWS tell the topic of what happens in this account; its own policy allows nobody otherwise. */
export const allowPublish = (topic: Topic, service: 'cloudwatch' | 'budgets'): void => {
  topic.grantPublish(
    new ServicePrincipal(`${service}.amazonaws.com`, {
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(topic).account } },
    }),
  );
};

/** What alarms are told to. */
export const createTopic = (scope: Construct, { stage, alarmEmail }: Settings): Topic => {
  const topic = new Topic(scope, 'Alarms', {
    displayName: `Turnstone ${stage}`,
    enforceSSL: true,
  });
  allowPublish(topic, 'cloudwatch');
  if (alarmEmail) topic.addSubscription(new EmailSubscription(alarmEmail));
  suppressFindings(topic, {
    'Serverless-SNSRedrivePolicy':
      'A notice that does not reach a mailbox is worth no queue: the alarm goes on showing in CloudWatch.',
  });
  return topic;
};
