import { describe, expect, it } from 'vitest';
import { fingerprintsOf, namesAny } from '../../../shared/domain/derived/derived.ts';
import { divided, withRows } from '../../../shared/domain/derived/memory-row.ts';
import { type ObjectShape, parseShape } from '../../../shared/domain/derived/shape.ts';
import { fitTo, mergeShaped } from '../../../shared/domain/derived/shaped-value.ts';

const node = { $ref: '#/$defs/Node' };

const shapeOf = (schema: unknown): ObjectShape => {
  const shape = parseShape(schema);
  if ('problem' in shape) throw new Error(shape.problem);
  return shape;
};

describe('the shape of a JSON Schema', () => {
  it('references, unions with null, lists of types and titles of a pydantic model are followed', () => {
    const shape = shapeOf({
      $defs: {
        Level: { enum: ['junior', 'senior'], title: 'Level', type: 'string' },
        Job: { properties: { level: { $ref: '#/$defs/Level' } }, type: 'object' },
      },
      properties: {
        name: { anyOf: [{ type: 'null' }, { type: 'string' }], title: 'Full name', default: null },
        jobs: { items: { $ref: '#/$defs/Job' }, type: 'array', maxItems: 2 },
        age: { type: ['null', 'integer'], description: 'Age in years' },
      },
      title: 'Person',
      type: 'object',
    });

    expect(shape.properties).toEqual({
      name: { type: 'string', about: 'Full name' },
      jobs: {
        type: 'array',
        max: 2,
        items: {
          type: 'object',
          properties: { level: { type: 'string', options: ['junior', 'senior'], about: 'Level' } },
        },
      },
      age: { type: 'integer', about: 'Age in years' },
    });
  });

  it('an object without keywords has the properties themselves, described by texts', () => {
    expect(shapeOf({ city: 'Where they live', age: 'integer' }).properties).toEqual({
      city: { type: 'string', about: 'Where they live' },
      age: { type: 'integer' },
    });
  });

  it.each([
    [null, 'must be an object'],
    [{}, 'must be an object'],
    [{ type: 'object', properties: {} }, 'must describe an object with properties'],
    [{ type: 'string' }, 'must describe an object with properties'],
    [
      { properties: Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`p${n}`, {}])) },
      'must not have more than 100 properties',
    ],
    [{ properties: { ['x'.repeat(101)]: {} } }, 'must not have a name of more than 100 characters'],
    [
      { $defs: { Node: { properties: { next: node } } }, properties: { a: node } },
      'must not be nested deeper than 8 levels',
    ],
    [{ $ref: '#/$defs/A', $defs: { A: { $ref: '#/$defs/A' } } }, 'has references that do not end'],
  ])('the schema %j is refused', (schema, problem) => {
    expect(parseShape(schema)).toEqual({ problem });
  });
});

describe('a value of a shape', () => {
  const shape = shapeOf({
    properties: {
      text: { type: 'string' },
      size: { enum: ['S', 'M'] },
      count: { type: 'integer' },
      share: { type: 'number' },
      isOpen: { type: 'boolean' },
      tags: { type: 'array', items: { type: 'string' }, maxItems: 2 },
      home: { properties: { city: { type: 'string' } } },
    },
  });
  const nothing = {
    text: null,
    size: null,
    count: null,
    share: null,
    isOpen: null,
    tags: [],
    home: null,
  };

  it.each([undefined, null, 'text', [], { other: 1 }])('%j says nothing', (value) => {
    expect(fitTo(shape, value)).toEqual(nothing);
  });

  it('what fits is kept, options in their own letters, and everything else is null or left out', () => {
    const value = {
      text: 7,
      size: ' m',
      count: '12',
      share: '0.5x',
      isOpen: 'yes',
      tags: ['a', null, { b: 1 }, 'c', 'd'],
      home: { city: '', more: 1 },
      toString: 1,
    };

    expect(fitTo(shape, value)).toEqual({
      text: '7',
      size: 'M',
      count: 12,
      share: null,
      isOpen: null,
      tags: ['a', 'c'],
      home: null,
    });
  });

  it('of several values the first that says something counts, and arrays are joined without repeats', () => {
    const parts = [
      { ...nothing, tags: ['a'] },
      { ...nothing, text: 'new', tags: ['a', 'b'], home: { city: 'Oslo' } },
      { ...nothing, text: 'old', tags: ['c'], home: { city: 'Rome' } },
    ];

    expect(mergeShaped(shape, parts)).toEqual({
      ...nothing,
      text: 'new',
      tags: ['a', 'b'],
      home: { city: 'Oslo' },
    });
  });
});

describe('memories as parts of a shape', () => {
  it('arrays of memories are recognised beside arrays that have to be filled', () => {
    const { rows, rest } = divided(
      shapeOf({
        properties: {
          list: { type: 'array', items: { properties: { memory: { type: 'string' } } } },
          memories: { type: 'array', items: { type: 'string' } },
          pets: { type: 'array', items: { type: 'string' } },
        },
      }),
    );

    expect(rows.map(([name]) => name)).toEqual(['list', 'memories']);
    expect(Object.keys(rest.properties)).toEqual(['pets']);
  });

  it('a shape of one memory asks for a list of memories, and no other shape does', () => {
    const one = shapeOf({ properties: { memory: { type: 'string' } } });
    const other = shapeOf({ properties: { memory: { type: 'integer' } } });

    expect(Object.keys(withRows(one).properties)).toEqual(['memories']);
    expect(withRows(other)).toBe(other);
  });
});

it('fingerprints name their memories and no others', () => {
  const sources = fingerprintsOf(['a', 'b', 'c']);

  expect(sources).toHaveLength(24);
  expect(namesAny(['x', 'b'])(sources)).toBe(true);
  expect(namesAny(['x', 'y'])(sources)).toBe(false);
});
