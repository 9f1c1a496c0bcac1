import * as z from 'zod';
import { createFunction, type Deployed } from './function.ts';
import type { Synthesized } from './synthesize.ts';
import { arnOf, type OpenTemplate, region } from './template.ts';

const LambdaFunction = z.object({
  Handler: z.string(),
  Runtime: z.literal('nodejs24.x'),
  Architectures: z.tuple([z.literal('arm64')]),
  Code: z.object({ S3Key: z.string() }),
  Timeout: z.number().default(3),
  MemorySize: z.number().default(128),
  Role: z.string(),
  Environment: z.object({ Variables: z.record(z.string(), z.string()) }),
});

const Version = z.object({ FunctionName: z.string() });
const Alias = z.object({ FunctionName: z.string(), Name: z.string() });

const functionArn = (id: string): string => arnOf('lambda', `function:${id}`);

/**
 * Parses the logical id from a function's name or ARN, optionally with version or alias, or from an integration's URI.
 */
export const functionIn = (name: string): string =>
  (name.split(':function:').at(-1) ?? '').split(/[:/]/)[0] ?? '';

export const roleIn = (arn: string): string => arn.split(':').at(-1) ?? '';

/** Assigns names to functions, versions and aliases. */
export const nameFunctions = (template: OpenTemplate): void => {
  for (const id of template.ids('AWS::Lambda::Function'))
    template.make(id, { ref: id, attributes: { Arn: functionArn(id) } });
  for (const { id, properties } of template.all('AWS::Lambda::Version', Version)) {
    const ref = `${functionArn(properties.FunctionName)}:1`;
    template.make(id, { ref, attributes: { Version: '1', FunctionArn: ref } });
  }
  for (const { id, properties } of template.all('AWS::Lambda::Alias', Alias)) {
    const ref = `${functionArn(properties.FunctionName)}:${properties.Name}`;
    template.make(id, { ref, attributes: { AliasArn: ref, Arn: ref } });
  }
};

export interface LaunchOptions {
  /** Names of the functions, each a prefix of a logical id. */
  names: readonly string[];
  /** Address of all services. */
  endpoint: string;
  /** Most environments of one function. */
  max: number;
  /** Timeout, at most that of the template. */
  timeoutMs?: number | undefined;
  log(name: string, line: string): void;
}

export interface Launched {
  deployed: Deployed;
  /** Logical id of the function's role. */
  role: string;
}

/** Environment variables set by the Lambda runtime, without any setting of the template. */
const runtimeEnv = (id: string, { endpoint }: LaunchOptions) => ({
  AWS_LAMBDA_FUNCTION_NAME: id,
  AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
  AWS_REGION: region,
  AWS_DEFAULT_REGION: region,
  AWS_SESSION_TOKEN: 'session',
  AWS_ENDPOINT_URL: endpoint,
  LANG: 'en_US.UTF-8',
  TZ: ':UTC',
});

/** Creates the template's functions by logical id, each with exactly the environment variables of the template. */
export const launchFunctions = (
  template: OpenTemplate,
  { assetFolder }: Synthesized,
  options: LaunchOptions,
): Map<string, Launched> =>
  new Map(
    template.all('AWS::Lambda::Function', LambdaFunction).map(({ id, properties }) => {
      const name = options.names.find((one) => id.toLowerCase().startsWith(one));
      if (name === undefined) throw new Error(`${id} is none of the functions`);
      const deployed = createFunction({
        name,
        folder: assetFolder(properties.Code.S3Key),
        handler: properties.Handler,
        env: { ...properties.Environment.Variables, ...runtimeEnv(id, options) },
        timeoutMs: Math.min(options.timeoutMs ?? Infinity, properties.Timeout * 1_000),
        max: options.max,
        log: (line) => options.log(name, line),
      });
      return [id, { deployed, role: roleIn(properties.Role) }];
    }),
  );
