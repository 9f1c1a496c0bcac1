import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { memosFeatures } from '../../support/clients/memos-features.ts';
import { memvFeatures } from '../../support/clients/memv-features.ts';
import { documentFile } from '../../support/openapi/document.ts';
import { readSource } from '../../support/repository.ts';

const { paths } = z
  .object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) })
  .parse(JSON.parse(readSource(documentFile)));

/** Routes of the OpenAPI document under a path. */
const routesUnder = (pattern: RegExp): string[] =>
  Object.entries(paths)
    .filter(([path]) => pattern.test(path))
    .flatMap(([path, methods]) =>
      Object.keys(methods)
        .filter((method) => /^(get|put|post|patch|delete)$/.test(method))
        .map((method) => `${method.toUpperCase()} ${path}`),
    )
    .sort();

const all = [...memosFeatures, ...memvFeatures];

describe.each([
  ['MemOS', memosFeatures, /^\/api\/openmem\//],
  ['memv', memvFeatures, /^\/v1\/(users\/\{id\}|tasks\/)/],
])('the features of %s', (_, features, pattern) => {
  it('every route of the surface belongs to a feature, and no feature names another', () => {
    const named = features.flatMap(({ routes = [] }) => routes).sort();

    expect(named).toEqual(routesUnder(pattern));
  });

  it('every feature is named once', () => {
    const names = features.map(({ feature }) => feature);

    expect(names).toEqual([...new Set(names)]);
  });
});

it.each(all.map(({ feature, test }) => [feature, test] as const))(
  'the feature %s has a test of that name',
  (_, { file, name }) => {
    expect(readSource(file)).toMatch(name.includes("'") ? `"${name}"` : `'${name}'`);
  },
);

it.each(all.filter(({ has }) => !has).map((feature) => [feature.feature, feature] as const))(
  'the missing feature %s says what there is instead',
  (_, { note, routes }) => {
    expect(note).toBeTruthy();
    expect(routes).toBeUndefined();
  },
);
