import * as z from 'zod';
import { PolicyDocument, type Statement } from './policy.ts';
import type { OpenTemplate } from './template.ts';

const Inline = z.object({ PolicyName: z.string(), PolicyDocument });

const Role = z.object({
  ManagedPolicyArns: z.array(z.string()).default([]),
  Policies: z.array(Inline).default([]),
});

const Policy = z.object({ PolicyDocument, Roles: z.array(z.string()).default([]) });

/** Contents of the AWS managed policies that functions usually have. */
const managed: { readonly [name: string]: readonly string[] } = {
  AWSLambdaBasicExecutionRole: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
};

const managedStatement = (arn: string) => {
  const name = arn.split('/').at(-1) ?? '';
  const Action = managed[name];
  if (!Action) throw new Error(`the managed policy ${name} is not known here`);
  return { Effect: 'Allow' as const, Action: [...Action], Resource: ['*'] };
};

type Owner = (roleId: string) => string | undefined;

const placedAt = (
  role: string,
  place: string,
  { Statement: statements }: z.infer<typeof PolicyDocument>,
): Statement[] => statements.map((statement) => ({ ...statement, role, place }));

const inRoles = (template: OpenTemplate, ownerOf: Owner): Statement[] =>
  template.all('AWS::IAM::Role', Role).flatMap(({ id, properties }) => {
    const role = ownerOf(id);
    if (role === undefined) return [];
    const inline = properties.Policies.flatMap(({ PolicyName, PolicyDocument: document }) =>
      placedAt(role, PolicyName, document),
    );
    const vendor = properties.ManagedPolicyArns.map((place) => ({
      ...managedStatement(place),
      role,
      place,
    }));
    return [...inline, ...vendor];
  });

const attached = (template: OpenTemplate, ownerOf: Owner): Statement[] =>
  ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy']
    .flatMap((type) => template.all(type, Policy))
    .flatMap(({ id, properties }) =>
      properties.Roles.flatMap((roleId) => {
        const role = ownerOf(roleId);
        return role === undefined ? [] : placedAt(role, id, properties.PolicyDocument);
      }),
    );

/**
 * Returns all statements of the policies of these roles.
 *
 * @param ownerOf returns the owner of a role by its logical id; undefined for roles to ignore
 */
export const statementsOf = (template: OpenTemplate, ownerOf: Owner): Statement[] => [
  ...inRoles(template, ownerOf),
  ...attached(template, ownerOf),
];
