import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/** Names and values of one request's expressions, which may hold neither themselves. */
export interface Placeholders {
  name(attribute: string): string;
  value(value: AttributeValue): string;
  /** What the request carries beside its expressions; no empty maps, which are refused. */
  attributes(): {
    ExpressionAttributeNames?: Record<string, string>;
    ExpressionAttributeValues?: Record<string, AttributeValue>;
  };
}

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
