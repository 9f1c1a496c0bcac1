import { expect, it } from 'vitest';
import type { ObjectShape } from '../../../shared/domain/derived/shape.ts';
import { structuredDataFrom } from '../../../shared/domain/memory/structured-data.ts';
import type { Json } from '../../../shared/domain/memory/turn.ts';

const home: ObjectShape = {
  type: 'object',
  properties: {
    city: { type: 'string' },
    since: { type: 'integer' },
    pets: {
      type: 'array',
      items: { type: 'object', properties: { name: { type: 'string' } } },
    },
  },
};

it.each<[string, unknown, Json | undefined]>([
  ['fields of the shape are kept, others are not', { city: 'Oslo', x: 1 }, { city: 'Oslo' }],
  ['a field of another type is left out', { city: 'Oslo', since: 'May' }, { city: 'Oslo' }],
  ['fields may be nested', { pets: [{ name: 'Rex' }] }, { pets: [{ name: 'Rex' }] }],
  ['null and an empty list say nothing', { city: null, pets: [], since: 2020 }, { since: 2020 }],
  ['an object that says nothing is none', { city: null }, undefined],
  ['a list is no data', ['Oslo'], undefined],
  ['more than 4 kB is left out', { city: 'x'.repeat(4_000) }, undefined],
])('of the data of a model, %s', (_, value, data) => {
  expect(structuredDataFrom(home, value)).toEqual(data);
});
