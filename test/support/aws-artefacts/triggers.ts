import { SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { runEventSource } from './event-source.ts';
import { functionIn, type Launched, roleIn } from './functions.ts';
import { startHttpFront } from './http-front.ts';
import type { CreatedQueue } from './queues.ts';
import { type OpenTemplate, region } from './template.ts';

const Mapping = z.strictObject({
  FunctionName: z.string(),
  EventSourceArn: z.string(),
  BatchSize: z.number().default(10),
  MaximumBatchingWindowInSeconds: z.number().default(0),
  FunctionResponseTypes: z.array(z.literal('ReportBatchItemFailures')).default([]),
  ScalingConfig: z.object({ MaximumConcurrency: z.number() }).optional(),
  Enabled: z.literal(true).default(true),
  Tags: z.unknown().optional(),
});

const Schedule = z.object({
  ScheduleExpression: z.literal('rate(1 minute)'),
  State: z.literal('ENABLED').default('ENABLED'),
  Target: z.object({ Arn: z.string(), RoleArn: z.string() }),
});

const Integration = z.object({
  IntegrationType: z.literal('AWS_PROXY'),
  IntegrationUri: z.string(),
  PayloadFormatVersion: z.literal('2.0'),
});

const Route = z.object({ RouteKey: z.literal('$default'), Target: z.string() });

const Permission = z.object({ FunctionName: z.string(), Principal: z.string() });

const minuteMs = 60_000;

export interface Wiring {
  template: OpenTemplate;
  functions: ReadonlyMap<string, Launched>;
  queues: ReadonlyMap<string, CreatedQueue>;
  endpoint: string;
}

const launchedAt = ({ functions }: Wiring, arn: string): Launched => {
  const found = functions.get(functionIn(arn));
  if (!found) throw new Error(`${arn} is no function of the template`);
  return found;
};

/** Starts all event source mappings of the template. */
export const startEventSources = (wiring: Wiring) =>
  wiring.template.all('AWS::Lambda::EventSourceMapping', Mapping).map(({ properties: mapping }) => {
    const { deployed } = launchedAt(wiring, mapping.FunctionName);
    const queue = wiring.queues.get(mapping.EventSourceArn);
    if (!queue) throw new Error(`${mapping.EventSourceArn} is no queue of the template`);
    const client = new SQSClient({
      endpoint: wiring.endpoint,
      region,
      credentials: { accessKeyId: `${deployed.name}.source`, secretAccessKey: 'secret' },
    });
    const source = runEventSource({
      client,
      queueUrl: queue.url,
      queueArn: mapping.EventSourceArn,
      batchSize: mapping.BatchSize,
      max: mapping.ScalingConfig?.MaximumConcurrency ?? 1_000,
      reportsFailures: mapping.FunctionResponseTypes.length > 0,
      invoke: deployed.invoke,
    });
    return {
      async stop(): Promise<void> {
        await source.stop();
        client.destroy();
      },
    };
  });

/**
 * Starts the single schedule of the template.
 *
 * @param hurry factor by which time passes faster
 * @param invoked called on each start, with the logical id of the role that must allow the start
 */
export const startSchedule = (
  wiring: Wiring,
  hurry: number,
  invoked: (role: string, target: string) => void,
) => {
  const [schedule, ...others] = wiring.template.all('AWS::Scheduler::Schedule', Schedule);
  if (!schedule || others.length > 0) throw new Error('the template has not one schedule');
  const { Arn, RoleArn } = schedule.properties.Target;
  const { deployed } = launchedAt(wiring, Arn);
  let running: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    if (deployed.busy() > 0) return;
    invoked(roleIn(RoleArn), Arn);
    // The next sweep makes up for a failed one.
    running = deployed.invoke({}).catch(() => undefined);
  }, minuteMs / hurry);
  return {
    async stop(): Promise<void> {
      clearInterval(timer);
      await running;
    },
  };
};

/** Starts the HTTP API of the template: one route to one function, whose permission allows the call. */
export const startHttpApi = (wiring: Wiring) => {
  const { template } = wiring;
  const [route] = template.all('AWS::ApiGatewayV2::Route', Route);
  const integration = template
    .all('AWS::ApiGatewayV2::Integration', Integration)
    .find(({ id }) => route?.properties.Target === `integrations/${id}`);
  if (!integration) throw new Error('the template has no $default route to an integration');
  const { IntegrationUri: target } = integration.properties;
  const isPermitted = template
    .all('AWS::Lambda::Permission', Permission)
    .some(
      ({ properties: { FunctionName, Principal } }) =>
        target.includes(FunctionName) && Principal === 'apigateway.amazonaws.com',
    );
  if (!isPermitted) throw new Error(`the gateway has no permission to invoke ${target}`);
  return startHttpFront(launchedAt(wiring, target).deployed.invoke);
};
