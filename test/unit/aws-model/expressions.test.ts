import { describe, expect, it } from 'vitest';
import { meets, updated } from '../../support/aws-model/expressions.ts';

const names = { ExpressionAttributeNames: { '#a': 'a', '#b': 'b' } };
const input = {
  ...names,
  ExpressionAttributeValues: { ':one': { N: '1' }, ':ten': { N: '10' }, ':x': { S: 'x' } },
};
const stored = { a: { N: '9' }, b: { S: 'xy' } };

describe('expressions of the model of DynamoDB', () => {
  it.each([
    ['#a <= :ten', true],
    ['#a > :ten', false],
    ['#a BETWEEN :one AND :ten AND begins_with(#b, :x)', true],
    ['#b IN (:x, :ten)', false],
    ['#b = :ten', false],
    ['attribute_not_exists(#a) OR #a = :one', false],
    ['#a = :one AND #b = :x OR attribute_exists(#b)', true],
    ['#a = :one AND (#b = :x OR attribute_exists(#b))', false],
  ])('%s of a stored item is %s', (expression, isMet) => {
    expect(meets(expression, stored, input)).toBe(isMet);
  });

  it.each([
    ['attribute_not_exists(#a)', true],
    ['#a <= :ten', false],
    ['#a <= :ten OR attribute_not_exists(#b)', true],
  ])('%s of an absent item is %s', (expression, isMet) => {
    expect(meets(expression, {}, input)).toBe(isMet);
  });

  it('an update sets and removes attributes, and leaves the item before unchanged', () => {
    const after = updated(stored, 'SET #a = :one REMOVE #b', input);

    expect(after).toEqual({ a: { N: '1' } });
    expect(stored.a).toEqual({ N: '9' });
  });

  it('an expression that the parser does not know is refused', () => {
    expect(() => meets('#a ~ :one', stored, input)).toThrow(TypeError);
  });
});
