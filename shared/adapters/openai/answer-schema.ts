import { answerKinds } from './proposal.ts';

const orNull = (type: string) => ({ type: [type, 'null'] });

const fields = {
  turn: { type: 'integer' },
  op: { type: 'string', enum: ['ADD', 'UPDATE', 'DELETE', 'NONE'] },
  target: orNull('string'),
  text: orNull('string'),
  date: orNull('string'),
  message: orNull('integer'),
  reason: orNull('string'),
};

const names = { type: 'array', items: { type: 'string' } };

const description = {
  kind: { type: ['string', 'null'], enum: [...answerKinds, null] },
  title: orNull('string'),
  tags: names,
};

/** Fields of a change that only some requests need. */
export interface OptionalFields {
  categories?: boolean;
  /** Kind, title and tags. */
  description?: boolean;
  /** JSON text: a strict schema does not allow objects of any form. */
  data?: boolean;
}

/** Strict JSON schema of an answer. Written by hand and short, because its tokens are paid with every request. */
export const answerSchema = (wanted: OptionalFields): { [key: string]: unknown } => {
  const properties = {
    ...fields,
    ...(wanted.description && description),
    ...(wanted.categories && { categories: names }),
    ...(wanted.data && { data: orNull('string') }),
  };
  const change = {
    type: 'object',
    properties,
    required: Object.keys(properties),
    additionalProperties: false,
  };
  return {
    type: 'object',
    properties: { changes: { type: 'array', items: change } },
    required: ['changes'],
    additionalProperties: false,
  };
};
