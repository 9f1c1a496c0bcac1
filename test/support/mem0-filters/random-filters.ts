import fc from 'fast-check';
import type { Json } from '../../../shared/domain/memory/turn.ts';

/** Memory that filters are evaluated on, as the API takes and shows it. */
export interface Sample {
  text: string;
  ids: { [field: string]: string };
  metadata: { [key: string]: Json };
  /** Unix seconds. */
  timestamp: number;
  expiresOn?: string;
}

const words = ['tea', 'Tea', 'rain', 'Oslo'];
const days = ['2030-01-31', '2030-02-01', '2031-06-15'];
const scalars: Json[] = ['red', 'Red', '10', '2026-01-15', '2026-01-15T10:00:00Z', 0, 1, 10, true];
const values: Json[] = [
  ...scalars,
  ['red', 1],
  [{ lat: 1, lon: 2 }],
  { lat: 1, lon: 2 },
  { lon: 2, lat: 1 },
  { lat: 1, lon: { x: 1, y: 2 } },
  null,
  '*',
];
const keys = ['source', 'level', 'at', 'ключ', '$key'];
const owners = { user_id: ['ann', 'ben'], agent_id: ['guide', '42'], run_id: ['r1', 'r2'] };

/** Every memory names a user; the other values vary with the position. */
export const samples: readonly Sample[] = Array.from({ length: 48 }, (_, at) => ({
  text: `Memo ${at}: ${words[at % words.length]} and ${words[(at * 7) % words.length]}.`,
  ids: {
    user_id: owners.user_id[at % 2] ?? '',
    ...(at % 3 === 0 ? {} : { agent_id: owners.agent_id[at % 2] ?? '' }),
    ...(at % 4 === 0 ? {} : { run_id: owners.run_id[(at >> 1) % 2] ?? '' }),
  },
  metadata: Object.fromEntries(
    keys.flatMap((key, index) => {
      const value = values[(at * 5 + index * 3) % (values.length + 3)];
      return value === undefined ? [] : [[key, value]];
    }),
  ),
  timestamp: Date.parse(`2026-01-${10 + (at % 8)}T0${at % 10}:00:00Z`) / 1_000,
  ...(at % 3 === 1 ? { expiresOn: days[at % days.length] ?? '' } : {}),
}));

const day = fc.constantFrom('2026-01-11', '2026-01-14', '2026-01-16T05:00:00Z', '2026-01-16T05:00');
const scalar = fc.constantFrom(...scalars);
const value = fc.constantFrom(...values);
const ordered = fc.constantFrom<Json>(
  'red',
  '10',
  '',
  '2026-01-15',
  '2026-01-15T12:00+02:00',
  0,
  1,
  5.5,
);

const operator = (name: string, operand: fc.Arbitrary<Json>): fc.Arbitrary<Json> =>
  operand.map((wanted) => ({ [name]: wanted }));
const listOf = (item: fc.Arbitrary<Json>): fc.Arbitrary<Json> =>
  fc.array(item, { minLength: 1, maxLength: 3 });
const range = (operand: fc.Arbitrary<Json>): fc.Arbitrary<Json> =>
  fc
    .tuple(fc.constantFrom('gt', 'gte'), operand, fc.constantFrom('lt', 'lte'), operand)
    .map(([low, from, high, to]) => ({ [low]: from, [high]: to }));
const comparisons = (operand: fc.Arbitrary<Json>): fc.Arbitrary<Json>[] => [
  ...['gt', 'gte', 'lt', 'lte'].map((name) => operator(name, operand)),
  range(operand),
];

const isObject = (wanted: Json): boolean =>
  typeof wanted === 'object' && wanted !== null && !Array.isArray(wanted);

const wantedMetadata = fc.oneof(
  value,
  operator('eq', value),
  operator('ne', value),
  operator('in', listOf(value)),
  operator('nin', listOf(value)),
  operator('contains', fc.oneof(scalar, value.filter(isObject), fc.constantFrom<Json>('ed', '1'))),
  ...comparisons(ordered),
);

const wantedId = (field: keyof typeof owners): fc.Arbitrary<Json> => {
  const id = fc.constantFrom<Json>(...owners[field], 'none', 42);
  return fc.oneof(
    id,
    fc.constant('*'),
    operator('ne', id),
    operator('in', listOf(id)),
    operator('ne', fc.constant('*')),
  );
};

const field = (name: string, wanted: fc.Arbitrary<Json>): fc.Arbitrary<{ [key: string]: Json }> =>
  wanted.map((one) => ({ [name]: one }));

const leaf = fc.oneof(
  field('user_id', wantedId('user_id')),
  field('agent_id', wantedId('agent_id')),
  field('run_id', wantedId('run_id')),
  field('created_at', fc.oneof(day, operator('ne', day), ...comparisons(day))),
  field(
    'expiration_date',
    fc.oneof(
      fc.constantFrom(...days, '*'),
      operator('ne', fc.constantFrom(...days)),
      operator('gt', fc.constantFrom(...days)),
      operator('lte', fc.constantFrom(...days)),
    ),
  ),
  field(
    'keywords',
    fc.oneof(
      operator('contains', fc.constantFrom(...words)),
      operator('icontains', fc.constantFrom(...words)),
    ),
  ),
  fc
    .tuple(fc.constantFrom(...keys), wantedMetadata)
    .map(([key, wanted]) => ({ metadata: { [key]: wanted } })),
);

const { filter } = fc.letrec<{ filter: { [key: string]: Json } }>((tie) => {
  const parts = fc.array(tie('filter'), { minLength: 1, maxLength: 3 });
  return {
    filter: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      leaf,
      parts.map((of): { [key: string]: Json } => ({ AND: of })),
      parts.map((of): { [key: string]: Json } => ({ OR: of })),
      parts.map((of): { [key: string]: Json } => ({ NOT: of })),
      tie('filter').map((of): { [key: string]: Json } => ({ NOT: of })),
    ),
  };
});

/** Filters in the syntax of the API, without a scope. */
export const anyFilter: fc.Arbitrary<{ [key: string]: Json }> = filter;
