import { describe, expect, it } from 'vitest';
import type { Access } from '../../support/aws-artefacts/aws-calls.ts';
import {
  grantsOf,
  isAllowed,
  nameOf,
  refusedOf,
  type Statement,
  without,
} from '../../support/aws-artefacts/policy.ts';

const table = 'arn:aws:dynamodb:us-east-1:000000000000:table/turns';

const allowing = (more: Partial<Statement> = {}): Statement => ({
  Effect: 'Allow',
  Action: ['dynamodb:GetItem', 'dynamodb:Query'],
  Resource: [table, `${table}/index/*`],
  role: 'worker',
  place: 'Policy',
  ...more,
});

const access = (more: Partial<Access> = {}): Access => ({
  principal: 'worker',
  action: 'dynamodb:GetItem',
  resource: table,
  context: {},
  ...more,
});

describe('a call', () => {
  it.each([
    [{}, true],
    [{ action: 'dynamodb:query', resource: `${table}/index/GSI1` }, true],
    [{ action: 'dynamodb:PutItem' }, false],
    [{ resource: `${table}2` }, false],
    [{ principal: 'api' }, false],
  ])('a policy allows a call with %j: %s', (more, allowed) => {
    expect(isAllowed([allowing()], access(more))).toBe(allowed);
  });

  it('a policy rejects a call that a statement denies, whatever others allow', () => {
    const denying = allowing({ Effect: 'Deny', Action: ['dynamodb:*'] });

    expect(isAllowed([allowing(), denying], access())).toBe(false);
  });

  it.each([
    [{ Null: { 'kms:EncryptionContext:project': ['false'] } }, false],
    [{ 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['T#*'] } }, true],
    [{ 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['M#*'] } }, false],
    [{ 'ForAnyValue:StringLike': { 'dynamodb:LeadingKeys': ['K#*', 'T#*'] } }, true],
    [{ 'ForAnyValue:StringLike': { 'dynamodb:LeadingKeys': ['K#*', 'M#*'] } }, false],
  ])('a policy allows a call under the condition %j: %s', (Condition, allowed) => {
    const context = { 'dynamodb:LeadingKeys': ['T#1'] };

    expect(isAllowed([allowing({ Condition })], access({ context }))).toBe(allowed);
  });

  it('a policy with an unknown condition is an error', () => {
    const Condition = { IpAddress: { 'aws:SourceIp': ['10.0.0.0/8'] } };

    expect(() => isAllowed([allowing({ Condition })], access())).toThrow(/IpAddress/);
  });
});

describe('a grant', () => {
  it('a missing grant fails the calls that need it, and only them', () => {
    const statements = [allowing()];
    const calls = [access(), access({ action: 'dynamodb:Query' })];

    const missed = grantsOf(statements).map((grant) => [
      nameOf(grant),
      refusedOf(without(statements, grant), calls).length,
    ]);

    expect(missed).toEqual([
      ['worker: dynamodb:GetItem', 1],
      ['worker: dynamodb:Query', 1],
      [`worker: ${table}`, 2],
      [`worker: ${table}/index/*`, 0],
    ]);
  });
});
