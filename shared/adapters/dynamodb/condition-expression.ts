import type { Predicate } from '../../ports/store.ts';
import { encode } from './attribute-value.ts';
import { attributeOf } from './item-mapping.ts';
import type { Placeholders } from './placeholders.ts';
import { attribute } from './table.ts';

const exists = `attribute_exists(${attribute.partition})`;
const existsNot = `attribute_not_exists(${attribute.partition})`;
const never = `(${exists} AND ${existsNot})`;
const always = `(${exists} OR ${existsNot})`;

/** What a test says of an item that is not there. */
export const isTrueWhenAbsent = (test: Predicate): boolean => {
  if ('any' in test) return test.any.some(isTrueWhenAbsent);
  if ('all' in test) return test.all.every(isTrueWhenAbsent);
  return 'is' in test && test.is !== 'present';
};

/** Parentheses around what has some are refused. */
const joined = (parts: readonly string[], operator: 'AND' | 'OR', ofNone: string): string => {
  const [first = ofNone] = parts;
  return parts.length < 2 ? first : `(${parts.join(` ${operator} `)})`;
};

/** The test of what stands there, expired or not. */
const expressionOf = (test: Predicate, placeholders: Placeholders): string => {
  const { name, value } = placeholders;
  const compiled = (part: Predicate): string => expressionOf(part, placeholders);
  if ('any' in test) return joined(test.any.map(compiled), 'OR', never);
  if ('all' in test) return joined(test.all.map(compiled), 'AND', always);
  if (!('attribute' in test)) return test.is === 'absent' ? existsNot : exists;
  if ('in' in test && test.in.length === 0) return never;
  const held = name(attributeOf(test.attribute));
  if ('is' in test) return `attribute_not_exists(${held})`;
  if ('equals' in test) return `${held} = ${value(encode(test.equals))}`;
  if ('atMost' in test) return `${held} <= ${value(encode(test.atMost))}`;
  return `${held} IN (${test.in.map((one) => value(encode(one))).join(', ')})`;
};

const hasExpired = (placeholders: Placeholders, now: number): string =>
  `${attribute.expiry} <= ${placeholders.value(encode(now))}`;

const hasNotExpired = (placeholders: Placeholders, now: number): string => {
  const time = placeholders.value(encode(now));
  return `(attribute_not_exists(${attribute.expiry}) OR ${attribute.expiry} > ${time})`;
};

/** Of an item that stands there, unexpired; or of none at all, where the test holds of none. */
export const unlessExpired = (
  test: Predicate | undefined,
  placeholders: Placeholders,
  now: number,
): string => {
  const current = hasNotExpired(placeholders, now);
  return test ? `${expressionOf(test, placeholders)} AND ${current}` : current;
};

/** The test as the port means it: an expired item is an absent one. */
export const conditionOf = (test: Predicate, placeholders: Placeholders, now: number): string =>
  isTrueWhenAbsent(test)
    ? `${expressionOf(test, placeholders)} OR ${hasExpired(placeholders, now)}`
    : unlessExpired(test, placeholders, now);
