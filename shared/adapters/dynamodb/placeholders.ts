import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/** Placeholders for attribute names and values in the expressions of one request. */
export interface Placeholders {
  name(attribute: string): string;
  value(value: AttributeValue): string;
  /** Returns the maps for the request. Empty maps are left out, since DynamoDB rejects them. */
  attributes(): {
    ExpressionAttributeNames?: Record<string, string>;
    ExpressionAttributeValues?: Record<string, AttributeValue>;
  };
}

/** Creates the placeholders of one request; equal names share one. */
export const createPlaceholders = (): Placeholders => {
  const names = new Map<string, string>();
  const values: AttributeValue[] = [];
  return {
    name(attribute) {
      const placeholder = names.get(attribute) ?? `#n${names.size}`;
      names.set(attribute, placeholder);
      return placeholder;
    },
    value: (value) => `:v${values.push(value) - 1}`,
    attributes: () => ({
      ...(names.size > 0 && {
        ExpressionAttributeNames: Object.fromEntries(
          [...names].map(([attribute, placeholder]) => [placeholder, attribute]),
        ),
      }),
      ...(values.length > 0 && {
        ExpressionAttributeValues: Object.fromEntries(values.map((value, i) => [`:v${i}`, value])),
      }),
    }),
  };
};
