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

/** A statement of a role's policies, with its location in the template. */
export interface Statement extends z.infer<typeof Statement> {
  role: string;
  place: string;
}

/** A grant: one action of a statement with all its resources, or one resource with all its actions. */
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

/** Operator `Null`: `true` requires that the key is missing, `false` that the key is present. */
const isNull: Operator = ([wanted], found) => (wanted === 'true') === (found === undefined);

const operators: { readonly [name: string]: Operator } = {
  Null: isNull,
  StringEquals: (values, found = []) => found.some((one) => values.includes(one)),
  StringLike: (values, found = []) => found.some((one) => isLike(values, one)),
  'ForAnyValue:StringLike': (values, found = []) => found.some((one) => isLike(values, one)),
  'ForAllValues:StringEquals': (values, found = []) => found.every((one) => values.includes(one)),
  'ForAllValues:StringLike': (values, found = []) => found.every((one) => isLike(values, one)),
};

/** Evaluates the conditions of a statement. Throws on an unknown operator. */
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

/** Decides as IAM does for a role within one account: an access needs an allowing statement and no denying one. */
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

/** Returns the statements without a grant. */
export const without = (statements: readonly Statement[], grant: Grant): Statement[] =>
  statements.map((statement) =>
    statement === grant.statement
      ? { ...statement, [grant.part]: statement[grant.part].filter((one) => one !== grant.value) }
      : statement,
  );

/** Returns whether all accesses would be allowed without a grant. */
export const isIdle = (
  grant: Grant,
  statements: readonly Statement[],
  accesses: readonly Access[],
): boolean => {
  const { role } = grant.statement;
  const remaining = without(statements, grant).filter((statement) => statement.role === role);
  return accesses.every((access) => access.principal !== role || isAllowed(remaining, access));
};

/** Returns a name such as `worker: dynamodb:Query`. */
export const nameOf = ({ statement, value }: Grant): string => `${statement.role}: ${value}`;
