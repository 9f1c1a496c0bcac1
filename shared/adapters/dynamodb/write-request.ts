import type {
  ReturnValuesOnConditionCheckFailure,
  TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import type { Predicate, Step } from '../../ports/store.ts';
import { type Attributes, sizeOf } from './attribute-value.ts';
import { conditionOf, unlessExpired } from './condition-expression.ts';
import { attributesOf, attributesOfRemoved, keyAttributes } from './item-mapping.ts';
import { createPlaceholders, type Placeholders } from './placeholders.ts';

/** A step with its values as they were when it was given: what the caller does to them later changes nothing. */
export interface Draft {
  step: Step;
  key: Attributes;
  /** Of a put or update. */
  fields: Attributes;
  /** Attributes an update takes away. */
  removed: readonly string[];
  /** Bytes it sends of an item. */
  size: number;
}

const absent: Predicate = { is: 'absent' };

export const draftOf = (step: Step): Draft => {
  const key = keyAttributes(step.key);
  const removed =
    step.op === 'update' ? [...new Set(step.remove.flatMap(attributesOfRemoved))] : [];
  const written = step.op === 'put' ? step.item : step.op === 'update' ? step.set : {};
  const fields = attributesOf(step.key.pk, written);
  for (const name of removed) delete fields[name];
  return { step, key, fields, removed, size: sizeOf(key) + sizeOf(fields) };
};

const setters = (fields: Attributes, { name, value }: Placeholders): string => {
  const parts = Object.entries(fields).map(([field, held]) => `${name(field)} = ${value(held)}`);
  return parts.length > 0 ? `SET ${parts.join(', ')} ` : '';
};

const removers = (removed: readonly string[], { name }: Placeholders): string =>
  removed.length > 0 ? `REMOVE ${removed.map(name).join(', ')}` : '';

const showOld: ReturnValuesOnConditionCheckFailure = 'ALL_OLD';

/**
 * The request of a step. An update that `startsAfresh` puts its fields where nothing stands but what expired; any other
 * update is refused there, because it would keep what the expired item held.
 */
export const requestOf = (
  table: string,
  draft: Draft,
  now: number,
  asPut: boolean,
): TransactWriteItem => {
  const { step, key, fields, removed } = draft;
  const placeholders = createPlaceholders();
  const target = { TableName: table, ReturnValuesOnConditionCheckFailure: showOld };
  const whole = { ...target, Item: { ...key, ...fields } };
  const on = (test: Predicate | undefined) => {
    const condition = test && { ConditionExpression: conditionOf(test, placeholders, now) };
    return { ...condition, ...placeholders.attributes() };
  };
  switch (step.op) {
    case 'put':
      return { Put: { ...whole, ...on(step.when?.test) } };
    case 'delete':
      return { Delete: { ...target, Key: key, ...on(step.when?.test) } };
    case 'check': {
      const ConditionExpression = conditionOf(step.when.test, placeholders, now);
      return {
        ConditionCheck: { ...target, Key: key, ConditionExpression, ...placeholders.attributes() },
      };
    }
    case 'update': {
      if (asPut) return { Put: { ...whole, ...on(absent) } };
      const UpdateExpression = setters(fields, placeholders) + removers(removed, placeholders);
      const ConditionExpression = unlessExpired(step.when?.test, placeholders, now);
      const expressions = { UpdateExpression, ConditionExpression, ...placeholders.attributes() };
      return { Update: { ...target, Key: key, ...expressions } };
    }
  }
};
