import * as z from 'zod';
import type { Access } from './aws-calls.ts';

const listed = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());

const Statement = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Action: listed,
  Resource: listed,
  Condition: z.record(z.string(), z.record(z.string(), listed)).optional(),
});

export const PolicyDocument = z.object({ Statement: z.array(Statement) });

/** A statement of a role's policies, by where the template has it. */
export interface Statement extends z.infer<typeof Statement> {
  role: string;
  place: string;
}

/** One thing that a statement allows: an action on its resources, or a resource for its actions. */
export interface Grant {
  statement: Statement;
  part: 'Action' | 'Resource';
  value: string;
}

const patterns = new Map<string, RegExp>();

const patternOf = (text: string): RegExp => {
  const literal = text.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  const pattern =
    patterns.get(text) ??
    new RegExp(`^${literal.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's');
  patterns.set(text, pattern);
  return pattern;
};

const isLike = (texts: readonly string[], value: string): boolean =>
  texts.some((text) => patternOf(text).test(value));

const sameAction = (actions: readonly string[], action: string): boolean =>
  isLike(
    actions.map((one) => one.toLowerCase()),
    action.toLowerCase(),
  );

type Operator = (values: readonly string[], found: readonly string[] | undefined) => boolean;

/** What `true` or `false` says of a key: whether it is to be missing. */
const isNull: Operator = ([wanted], found) => (wanted === 'true') === (found === undefined);

const operators: { readonly [name: string]: Operator } = {
  Null: isNull,
  StringEquals: (values, found = []) => found.some((one) => values.includes(one)),
  StringLike: (values, found = []) => found.some((one) => isLike(values, one)),
  'ForAllValues:StringEquals': (values, found = []) => found.every((one) => values.includes(one)),
  'ForAllValues:StringLike': (values, found = []) => found.every((one) => isLike(values, one)),
};

/** A condition that is not understood is an error rather than a guess. */
const holds = ({ Condition = {} }: Statement, { context }: Access): boolean =>
  Object.entries(Condition).every(([name, tests]) => {
    const operator = operators[name];
    if (!operator) throw new Error(`the condition operator ${name} is not known here`);
    return Object.entries(tests).every(([key, values]) => operator(values, context[key]));
  });

const covers = (statement: Statement, access: Access): boolean =>
  sameAction(statement.Action, access.action) &&
  isLike(statement.Resource, access.resource) &&
  holds(statement, access);

/** As IAM decides for a role within one account: what no statement allows, or one denies, is refused. */
export const isAllowed = (statements: readonly Statement[], access: Access): boolean => {
  const own = statements.filter(
    (statement) => statement.role === access.principal && covers(statement, access),
  );
  return own.length > 0 && own.every(({ Effect }) => Effect === 'Allow');
};

export const refusedOf = (
  statements: readonly Statement[],
  accesses: readonly Access[],
): Access[] => accesses.filter((access) => !isAllowed(statements, access));

export const grantsOf = (statements: readonly Statement[]): Grant[] =>
  statements
    .filter(({ Effect }) => Effect === 'Allow')
    .flatMap((statement) => [
      ...statement.Action.map((value): Grant => ({ statement, part: 'Action', value })),
      ...statement.Resource.map((value): Grant => ({ statement, part: 'Resource', value })),
    ]);

/** The statements as they would be without a grant. */
export const without = (statements: readonly Statement[], grant: Grant): Statement[] =>
  statements.map((statement) =>
    statement === grant.statement
      ? { ...statement, [grant.part]: statement[grant.part].filter((one) => one !== grant.value) }
      : statement,
  );

/** Whether all of these accesses would be allowed without it. */
export const isIdle = (
  grant: Grant,
  statements: readonly Statement[],
  accesses: readonly Access[],
): boolean => {
  const { role } = grant.statement;
  const left = without(statements, grant).filter((statement) => statement.role === role);
  return accesses.every((access) => access.principal !== role || isAllowed(left, access));
};

/** Such as `worker: dynamodb:Query`. */
export const nameOf = ({ statement, value }: Grant): string => `${statement.role}: ${value}`;
