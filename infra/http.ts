import { RemovalPolicy } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { HttpApi, HttpStage, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { DeployedFunction } from './functions.ts';
import type { Settings } from './settings.ts';
import { suppressFindings } from './suppress-findings.ts';

const logged = {
  requestId: '$context.requestId',
  time: '$context.requestTime',
  ip: '$context.identity.sourceIp',
  agent: '$context.identity.userAgent',
  method: '$context.httpMethod',
  path: '$context.path',
  status: '$context.status',
  ms: '$context.responseLatency',
  functionMs: '$context.integrationLatency',
  bytes: '$context.responseLength',
  fault: '$context.integrationErrorMessage',
};

/** Creates the HTTP API. All requests go to the function, which does the routing. */
export const createHttp = (
  scope: Construct,
  { live }: DeployedFunction,
  { stage, logDays, requestsPerSecond, burst }: Settings,
): HttpApi => {
  const api = new HttpApi(scope, 'Http', {
    apiName: `turnstone-${stage}`,
    description: `Turnstone ${stage}`,
    createDefaultStage: false,
    defaultIntegration: new HttpLambdaIntegration('Function', live),
  });
  const logs = new LogGroup(scope, 'HttpLogs', {
    retention: logDays,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  new HttpStage(scope, 'HttpStage', {
    httpApi: api,
    stageName: '$default',
    autoDeploy: true,
    throttle: { rateLimit: requestsPerSecond, burstLimit: burst },
    accessLogSettings: {
      destination: new LogGroupLogDestination(logs),
      format: AccessLogFormat.custom(JSON.stringify(logged)),
    },
  });
  suppressFindings(api, {
    'AwsSolutions-APIG4': 'The function checks the API key of each request against the table.',
  });
  return api;
};
