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

/** Identifiers of a created resource. */
export interface CreatedResource {
  ref: string;
  attributes: { readonly [name: string]: string };
}

/** Invents identifiers for resources that no test calls; the form of an ARN matters to policies only. */
const imagined = (logicalId: string, type: string): CreatedResource => {
  const service = (type.split('::')[1] ?? '').toLowerCase();
  return { ref: logicalId, attributes: { Arn: arnOf(service, logicalId) } };
};

/**
 * Opens a synthesized template whose resources are created one by one. `made` records the identifiers of a resource.
 */
export const openTemplate = (source: unknown) => {
  const { Resources } = Template.parse(source);
  const made = new Map<string, CreatedResource>();

  const find = (logicalId: string): CreatedResource => {
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
    /**
     * Returns the resources of a type. Properties are resolved by the resources created so far and parsed by the
     * schema.
     */
    all<S extends z.ZodType>(type: string, schema: S): { id: string; properties: z.infer<S> }[] {
      return Object.entries(Resources)
        .filter(([, resource]) => resource.Type === type)
        .map(([id, { Properties }]) => ({ id, properties: schema.parse(resolve(Properties)) }));
    },
    ids: (type: string): string[] =>
      Object.keys(Resources).filter((id) => Resources[id]?.Type === type),
    make: (logicalId: string, as: CreatedResource): void => void made.set(logicalId, as),
  };
};
export type OpenTemplate = ReturnType<typeof openTemplate>;
