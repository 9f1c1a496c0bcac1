import * as z from 'zod';
import { type Physical, resolveWith } from './intrinsics.ts';

const Resource = z.object({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
});

const Template = z.object({ Resources: z.record(z.string(), Resource) });

export const account = '000000000000';
export const region = 'us-east-1';

export const arnOf = (service: string, resource: string): string =>
  `arn:aws:${service}:${region}:${account}:${resource}`;

const pseudo: { readonly [name: string]: string } = {
  'AWS::Region': region,
  'AWS::AccountId': account,
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
  'AWS::StackName': 'Stack',
  'AWS::StackId': arnOf('cloudformation', 'stack/Stack/1'),
};

/** What a resource is known by once it exists. */
export interface Made {
  ref: string;
  attributes: { readonly [name: string]: string };
}

/** Names that nothing here depends on; ARNs as a service would shape them matter to policies only. */
const imagined = (logicalId: string, type: string): Made => {
  const service = (type.split('::')[1] ?? '').toLowerCase();
  return { ref: logicalId, attributes: { Arn: arnOf(service, logicalId) } };
};

/** A synthesized template whose resources come into being one by one: `made` tells how a resource is known by then. */
export const openTemplate = (source: unknown) => {
  const { Resources } = Template.parse(source);
  const made = new Map<string, Made>();

  const find = (logicalId: string): Made => {
    const resource = Resources[logicalId];
    if (!resource) throw new Error(`the template has no resource ${logicalId}`);
    return made.get(logicalId) ?? imagined(logicalId, resource.Type);
  };

  const physical: Physical = {
    ref: (logicalId) => pseudo[logicalId] ?? find(logicalId).ref,
    attribute(logicalId, name) {
      const value = find(logicalId).attributes[name];
      if (value === undefined) throw new Error(`${logicalId} has no attribute ${name} here`);
      return value;
    },
  };
  const resolve = resolveWith(physical);

  return {
    physical,
    /** Resources of a type, their properties resolved with what exists so far and read by the schema. */
    all<S extends z.ZodType>(type: string, schema: S): { id: string; properties: z.infer<S> }[] {
      return Object.entries(Resources)
        .filter(([, resource]) => resource.Type === type)
        .map(([id, { Properties }]) => ({ id, properties: schema.parse(resolve(Properties)) }));
    },
    ids: (type: string): string[] =>
      Object.keys(Resources).filter((id) => Resources[id]?.Type === type),
    make: (logicalId: string, as: Made): void => void made.set(logicalId, as),
  };
};
export type OpenTemplate = ReturnType<typeof openTemplate>;
