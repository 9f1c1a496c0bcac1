import { RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  type Alias,
  Architecture,
  Code,
  type IFunction,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { FunctionName } from './bundle.ts';
import { environmentOf } from './environment.ts';
import { functionSizes } from './function-sizes.ts';
import { permissions, type Resources } from './permissions.ts';
import type { Settings } from './settings.ts';
import { suppressFindings } from './suppress-findings.ts';

/** Alias as the interface IFunction. With exactOptionalPropertyTypes the CDK's classes do not match its own interfaces. */
type CallableAlias = Alias & IFunction;

const isCallable = (alias: Alias): alias is CallableAlias => alias.role !== undefined;

export interface DeployedFunction {
  code: LambdaFunction;
  /** Alias of the version that receives invocations. */
  live: CallableAlias;
  logs: LogGroup;
}

export type Functions = { readonly [name in FunctionName]: DeployedFunction };

/** Bundle folder of each function. */
export type Assets = { readonly [name in FunctionName]: string };

const writeTo = (logs: LogGroup): PolicyStatement =>
  new PolicyStatement({
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    resources: [logs.logGroupArn],
  });

/** Creates a function with its log group, its role and the alias `live`. */
export const createFunction = (
  parent: Construct,
  name: FunctionName,
  { resources, settings, assets }: { resources: Resources; settings: Settings; assets: Assets },
): DeployedFunction => {
  const scope = new Construct(parent, name.charAt(0).toUpperCase() + name.slice(1));
  const logGroup = new LogGroup(scope, 'Logs', {
    retention: settings.logDays,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const role = new Role(scope, 'Role', {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    description: `Turnstone ${settings.stage}: ${name}`,
  });
  for (const statement of [...permissions[name](resources), writeTo(logGroup)])
    role.addToPolicy(statement);
  const code = new LambdaFunction(scope, 'Function', {
    ...functionSizes[name],
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    handler: 'index.handler',
    code: Code.fromAsset(assets[name], { exclude: ['*.map'] }),
    environment: environmentOf(name, resources, settings),
    role,
    logGroup,
    // The functions write JSON lines. With LoggingFormat.JSON, Lambda would drop lines by level, lines with metrics included.
    loggingFormat: LoggingFormat.TEXT,
    tracing: Tracing.ACTIVE,
  });
  // Indexes of a new layout are there before the code that asks them.
  if (resources.vectors) code.node.addDependency(resources.vectors.construct);
  const { bucketName } = settings;
  const attachments =
    bucketName === undefined
      ? '<Attachments87B238D3.Arn>'
      : `arn:<AWS::Partition>:s3:::${bucketName}`;
  suppressFindings(role, {
    'AwsSolutions-IAM5[Resource::*]': 'Traces belong to no resource that could be named.',
    'AwsSolutions-IAM5[Resource::<LogGroup>:*]': 'Streams of its own log group.',
    [`AwsSolutions-IAM5[Resource::${attachments}/*]`]: 'Objects of the one bucket of attachments.',
    ...(resources.vectors && {
      'AwsSolutions-IAM5[Resource::<VectorsBucket00CBA803.VectorBucketArn>/index/*]':
        'Indexes of the one vector bucket.',
    }),
  });
  suppressFindings(code, {
    'Serverless-LambdaDLQ':
      'It is called by queues with dead-letter queues, by the HTTP API and by a schedule each minute.',
  });
  const live = code.addAlias('live');
  if (!isCallable(live)) throw new TypeError(`the alias of ${name} has no role`);
  return { code, live, logs: logGroup };
};
