import { expect, it } from 'vitest';
import { filesOf, readSource } from '../../support/repository.ts';
import { fragmentsOf, linesOf } from '../../support/sources/modules.ts';

/** Switched on once all small files are merged. */
const isEnforced = true;

const minLines = 40;

/** Short files with one importer that stay separate, each with the reason. */
const exceptions: Readonly<Record<string, string>> = {
  'shared/platform/aws/dispatcher.ts': 'Keeps the webhook client out of the start of the API.',
  'shared/platform/aws/sweeper.ts': 'Keeps the bundle of the sweeper small.',
  'shared/platform/aws/worker.ts': 'Keeps the bundle of the worker free of the API.',
  'shared/adapters/documents/worker.ts': 'The script of a thread.',
  'shared/adapters/local-embedder/worker.ts': 'The script of a thread.',
  'shared/adapters/pinecone/sdk.ts': 'The target of a lazy import.',
};

const modulesOf = (pattern: string) =>
  filesOf(pattern).map((path) => ({ path, source: readSource(path) }));

const product = modulesOf('{functions,infra,shared}/**/*.{ts,tsx}');

/** Fragments that no test imports directly. */
const untested = new Set(
  fragmentsOf([...product, ...modulesOf('test/**/*.ts')], minLines).map(({ path }) => path),
);

it.runIf(isEnforced)(
  'a file under 40 lines with a single importer is a port, has its own test or a reason to be separate',
  () => {
    const fragments = fragmentsOf(product, minLines)
      .filter(({ path }) => !path.startsWith('shared/ports/'))
      // The targets of lazy imports: only the OpenAPI document needs them.
      .filter(({ path }) => !path.endsWith('.openapi.ts'))
      .filter(({ path }) => untested.has(path) && !(path in exceptions))
      .map(({ path, lines, importer }) => `${path} (${lines} lines) -> ${importer}`);

    expect(fragments).toEqual([]);
  },
);

it('every exception to the size of files is still a short file with a single importer', () => {
  const fragments = new Set(fragmentsOf(product, minLines).map(({ path }) => path));

  expect(Object.keys(exceptions).filter((path) => !fragments.has(path))).toEqual([]);
});

it('the median file of shared and functions has more lines than a fragment', () => {
  const sizes = product
    .filter(({ path }) => !path.startsWith('infra/'))
    .map(({ source }) => linesOf(source))
    .sort((a, b) => a - b);

  expect(sizes[Math.floor(sizes.length / 2)]).toBeGreaterThan(minLines);
});
