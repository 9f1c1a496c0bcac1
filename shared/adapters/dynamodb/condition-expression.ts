import type { Predicate } from '../../ports/store.ts';
import { encode } from './attribute-value.ts';
import { attributeOf } from './item-mapping.ts';
import type { Placeholders } from './placeholders.ts';
import { attribute } from './table.ts';

const exists = `attribute_exists(${attribute.partition})`;
const notExists = `attribute_not_exists(${attribute.partition})`;
const never = `(${exists} AND ${notExists})`;
const always = `(${exists} OR ${notExists})`;

/** Returns whether a predicate is true for an absent item. */
export const isTrueWhenAbsent = (test: Predicate): boolean => {
  if ('any' in test) return test.any.some(isTrueWhenAbsent);
  if ('all' in test) return test.all.every(isTrueWhenAbsent);
  return 'is' in test && test.is !== 'present';
};

/** Joins parts of an expression. A single part gets no parentheses, since DynamoDB rejects doubled ones. */
const join = (parts: readonly string[], operator: 'AND' | 'OR', ofNone: string): string => {
  const [first = ofNone] = parts;
  return parts.length < 2 ? first : `(${parts.join(` ${operator} `)})`;
};

/** Compiles a predicate on the stored item, expired or not. */
const compile = (test: Predicate, placeholders: Placeholders): string => {
  const { name, value } = placeholders;
  const compilePart = (part: Predicate): string => compile(part, placeholders);
  if ('any' in test) return join(test.any.map(compilePart), 'OR', never);
  if ('all' in test) return join(test.all.map(compilePart), 'AND', always);
  if (!('attribute' in test)) return test.is === 'absent' ? notExists : exists;
  if ('in' in test && test.in.length === 0) return never;
  const path = name(attributeOf(test.attribute));
  if ('is' in test) return `attribute_not_exists(${path})`;
  if ('equals' in test) return `${path} = ${value(encode(test.equals))}`;
  if ('atMost' in test) return `${path} <= ${value(encode(test.atMost))}`;
  return `${path} IN (${test.in.map((allowed) => value(encode(allowed))).join(', ')})`;
};

const hasExpired = (placeholders: Placeholders, now: number): string =>
  `${attribute.expiry} <= ${placeholders.value(encode(now))}`;

const hasNotExpired = (placeholders: Placeholders, now: number): string => {
  const time = placeholders.value(encode(now));
  return `(attribute_not_exists(${attribute.expiry}) OR ${attribute.expiry} > ${time})`;
};

/** Builds the condition that the predicate is true and that no expired item is stored. */
export const andNotExpired = (
  test: Predicate | undefined,
  placeholders: Placeholders,
  now: number,
): string => {
  const current = hasNotExpired(placeholders, now);
  return test ? `${compile(test, placeholders)} AND ${current}` : current;
};

/** Builds the condition of the `Store` port, where an expired item counts as absent. */
export const buildCondition = (test: Predicate, placeholders: Placeholders, now: number): string =>
  isTrueWhenAbsent(test)
    ? `${compile(test, placeholders)} OR ${hasExpired(placeholders, now)}`
    : andNotExpired(test, placeholders, now);
