import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { consoleFiles } from '../../functions/console/bundle.ts';
import { docsFiles } from '../../functions/docs/site/build.ts';
import { type Bundle, bundleAll, functionNames } from '../../infra/bundle.ts';
import { timeImport } from '../support/cold-imports.ts';
import { eagerLimits } from '../support/eager-limits.ts';
import { documentFile } from '../support/openapi/document.ts';
import { readSource } from '../support/repository.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder();
let bundles: Bundle[];
beforeAll(async () => {
  bundles = await bundleAll(folder.path);
});
afterAll(() => folder.remove());

const api = (): string => bundles.find(({ name }) => name === 'api')?.folder ?? '';

it('the bundle of the API can be imported with the settings of its benchmark', () => {
  expect(timeImport(join(api(), 'index.mjs'))).toBeGreaterThan(0);
});

describe('the OpenAPI document', () => {
  it('the bundle has the document as it is served locally, in one file that a request loads, and no other description', async () => {
    const files = readdirSync(api()).filter((name) => name.endsWith('.mjs'));

    const [described = '', ...others] = files.filter((name) =>
      readFileSync(join(api(), name), 'utf8').includes('"listDeliveries"'),
    );

    expect(others).toEqual([]);
    expect(described).not.toBe('index.mjs');
    const { default: document } = await import(join(api(), described));
    expect(document).toEqual(JSON.parse(readSource(documentFile)));
  });
});

describe('the pages for people', () => {
  const chunksWith = (text: string): string[] =>
    readdirSync(api())
      .filter((name) => name.endsWith('.mjs'))
      .filter((name) => readFileSync(join(api(), name), 'utf8').includes(text));

  it.each([
    ['console', 'turnstone.key', consoleFiles],
    ['docs', 'llms.txt lists all pages', docsFiles],
  ])(
    'the bundle of the API serves the files of /%s as they are locally, from a chunk that a request loads',
    async (folderName, mark, make) => {
      const [chunk = '', ...others] = chunksWith(mark);
      const [server = ''] = readdirSync(api()).filter((name) => /^serve-.*\.mjs$/.test(name));

      const { serve } = await import(join(api(), server));
      const app = new Hono().get(`/${folderName}/:file`, serve);
      const served = await Promise.all(
        (await make()).map(async ({ name, text }) => {
          const response = await app.request(`/${folderName}/${name}`);
          return [name, (await response.text()) === text];
        }),
      );

      expect([chunk === 'index.mjs', others]).toEqual([false, []]);
      expect(served.filter(([, isSame]) => !isSame)).toEqual([]);
      expect(served.length).toBeGreaterThan(2);
    },
  );
});

describe('the settings', () => {
  it.each(functionNames)('the %s has the names of settings without their descriptions', (name) => {
    const folderOf = bundles.find((bundle) => bundle.name === name)?.folder ?? '';

    const code = readdirSync(folderOf)
      .filter((file) => file.endsWith('.mjs'))
      .map((file) => readFileSync(join(folderOf, file), 'utf8'))
      // Pages of the documentation have the tables of settings.
      .filter((text) => !text.includes('docsFiles'))
      .join('\n');

    expect(code).toContain('TURNSTONE_RATE_LIMIT');
    expect(code).not.toContain('Cost units per second of an API key');
  });
});

describe('the index', () => {
  const codeOf = (of: readonly Bundle[]): string =>
    of
      .flatMap(({ folder: path }) =>
        readdirSync(path)
          .filter((file) => file.endsWith('.mjs'))
          .map((file) => readFileSync(join(path, file), 'utf8')),
      )
      .join('\n');

  it('the bundles have the code of the index that they are built for, and not of the other one', async () => {
    const others = await bundleAll(folder.file('s3vectors'), 's3vectors');

    const marks = { pinecone: 'x-pinecone-request-lsn', s3vectors: 'QueryVectorsInput' };
    const found = [bundles, others].map((of) => {
      const code = codeOf(of);
      return Object.entries(marks).flatMap(([name, mark]) => (code.includes(mark) ? [name] : []));
    });
    expect(found).toEqual([['pinecone'], ['s3vectors']]);
    for (const { name, eager } of others) expect(eager).toBeLessThanOrEqual(eagerLimits[name]);
  }, 120_000);
});

describe('cold starts', () => {
  it.each(functionNames)('a cold start of the %s reads few bytes', (name) => {
    const eager = bundles.find((bundle) => bundle.name === name)?.eager;

    expect(eager).toBeGreaterThan(100_000);
    expect(eager).toBeLessThanOrEqual(eagerLimits[name]);
  });
});
