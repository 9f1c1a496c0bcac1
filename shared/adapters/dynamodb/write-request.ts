import type {
  ReturnValuesOnConditionCheckFailure,
  TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import type { Predicate, Step } from '../../ports/store.ts';
import { type Attributes, sizeOf } from './attribute-value.ts';
import { andNotExpired, buildCondition } from './condition-expression.ts';
import { attributesOf, attributesOfRemoved, keyAttributes } from './item-mapping.ts';
import { createPlaceholders, type Placeholders } from './placeholders.ts';

/** A step with its values encoded, so that later changes of them by the caller have no effect. */
export interface PreparedWrite {
  step: Step;
  key: Attributes;
  /** Attributes written by a put or update. */
  fields: Attributes;
  /** Attributes removed by an update. */
  removed: readonly string[];
  /** Bytes of the key and the fields. */
  size: number;
}

const absent: Predicate = { is: 'absent' };

export const prepareWrite = (step: Step): PreparedWrite => {
  const key = keyAttributes(step.key);
  const removed =
    step.op === 'update' ? [...new Set(step.remove.flatMap(attributesOfRemoved))] : [];
  const written = step.op === 'put' ? step.item : step.op === 'update' ? step.set : {};
  const fields = attributesOf(step.key.pk, written);
  for (const name of removed) delete fields[name];
  return { step, key, fields, removed, size: sizeOf(key) + sizeOf(fields) };
};

const buildSet = (fields: Attributes, { name, value }: Placeholders): string => {
  const parts = Object.entries(fields).map(
    ([field, fieldValue]) => `${name(field)} = ${value(fieldValue)}`,
  );
  return parts.length > 0 ? `SET ${parts.join(', ')} ` : '';
};

const buildRemove = (removed: readonly string[], { name }: Placeholders): string =>
  removed.length > 0 ? `REMOVE ${removed.map(name).join(', ')}` : '';

const returnOld: ReturnValuesOnConditionCheckFailure = 'ALL_OLD';

/**
 * Builds the request of a step. An update of an expired item is refused, since the update would keep that item's
 * attributes; with `asPut` the update replaces the expired item instead.
 */
export const buildRequest = (
  table: string,
  prepared: PreparedWrite,
  now: number,
  asPut: boolean,
): TransactWriteItem => {
  const { step, key, fields, removed } = prepared;
  const placeholders = createPlaceholders();
  const target = { TableName: table, ReturnValuesOnConditionCheckFailure: returnOld };
  const put = { ...target, Item: { ...key, ...fields } };
  const conditionOn = (test: Predicate | undefined) => {
    const condition = test && { ConditionExpression: buildCondition(test, placeholders, now) };
    return { ...condition, ...placeholders.attributes() };
  };
  switch (step.op) {
    case 'put':
      return { Put: { ...put, ...conditionOn(step.when?.test) } };
    case 'delete':
      return { Delete: { ...target, Key: key, ...conditionOn(step.when?.test) } };
    case 'check': {
      const ConditionExpression = buildCondition(step.when.test, placeholders, now);
      return {
        ConditionCheck: { ...target, Key: key, ConditionExpression, ...placeholders.attributes() },
      };
    }
    case 'update': {
      if (asPut) return { Put: { ...put, ...conditionOn(absent) } };
      const UpdateExpression = buildSet(fields, placeholders) + buildRemove(removed, placeholders);
      const ConditionExpression = andNotExpired(step.when?.test, placeholders, now);
      const expressions = { UpdateExpression, ConditionExpression, ...placeholders.attributes() };
      return { Update: { ...target, Key: key, ...expressions } };
    }
  }
};
