import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { consoleFiles } from '../../functions/console/bundle.ts';
import { docsFiles } from '../../functions/docs/site/build.ts';
import { type Bundle, bundleAll, functionNames } from '../../infra/bundle.ts';
import { timeImport } from '../support/cold-imports.ts';
import { firstAnswer } from '../support/cold-requests.ts';
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

  it('a cold start reads the entry and one more file, neither of which has what is seldom asked for', () => {
    const text = readFileSync(join(api(), 'index.mjs'), 'utf8');
    const imported = [...text.matchAll(/(?:from|import)\s*"(\.[^"]+)"/g)].map(([, name]) => name);

    const atStart = text + readFileSync(join(api(), 'shared.mjs'), 'utf8');
    expect(new Set(imported)).toEqual(new Set(['./shared.mjs']));
    const rare = ['memory_detail_list', 'endpoint_not_found', 'preference_note'];
    const found = rare.filter((part) => atStart.includes(part));
    expect(found).toEqual([]);
  });
});

describe('first requests', () => {
  const user = { user_id: 'ana' };

  it.each([
    ['add', '/v3/memories/add/', { ...user, messages: [{ role: 'user', content: 'I ski.' }] }],
    ['search', '/v3/memories/search/', { query: 'What does she do?', filters: user }],
    // A stemmer counts German words, and no import loads one.
    [
      'German search',
      '/v3/memories/search/',
      { query: 'Wo wohnt meine Schwester?', filters: user },
    ],
    ['search of the MemOS surface', '/api/openmem/v1/search/memory', { ...user, query: 'What?' }],
  ])('a %s is answered as the first request of a process', async (_, target, body) => {
    const { status } = await firstAnswer(join(api(), 'index.mjs'), {
      method: 'POST',
      target,
      body,
    });

    expect(status).toBe(200);
  });

  it.each([
    ['GET', '/v1/events/01890a5d-ac96-774b-bcce-b302099a8057/', 404, 'event_not_found'],
    ['GET', '/v1/endpoints', 200, 'results'],
    ['GET', '/v1/keys', 200, 'results'],
    // A route of one machine only.
    ['GET', '/v1/inspector', 404, 'not_found'],
    ['GET', '/openapi.json', 200, 'listDeliveries'],
    ['DELETE', '/v1/memories/01890a5d-ac96-774b-bcce-b302099a8057/', 404, 'memory_not_found'],
    ['PUT', '/api/openmem/v1/search/memory', 405, 'method_not_allowed'],
  ])(
    '%s %s is answered with %i as the first request of a process',
    async (method, target, status, part) => {
      const answer = await firstAnswer(join(api(), 'index.mjs'), { method, target });

      expect(answer.status).toBe(status);
      expect(answer.body).toContain(part);
    },
  );
});
