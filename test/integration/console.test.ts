import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { consoleFiles } from '../../functions/console/bundle.ts';
import { mountPages } from '../../functions/pages/routes.ts';
import { openService, type TestService } from '../support/in-memory-service.ts';

let service: TestService;
beforeAll(async () => {
  service = await openService({ access: () => ({ pages: mountPages }) });
});
afterAll(() => service.close());

const get = (path: string, headers: { [name: string]: string } = {}): Promise<Response> =>
  Promise.resolve(service.app.request(`http://service.test${path}`, { headers }));

const files = ['/console', '/console/console.js', '/console/console.css', '/console/proof.js'];

describe('the files of the console', () => {
  it.each([
    ['/console', 'text/html; charset=utf-8'],
    ['/console/', 'text/html; charset=utf-8'],
    ['/console/console.js', 'text/javascript; charset=utf-8'],
    ['/console/console.css', 'text/css; charset=utf-8'],
    ['/console/proof.js', 'text/javascript; charset=utf-8'],
  ])('%s needs no key and is %s', async (path, type) => {
    const response = await get(path);

    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe(type);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it.each(files)('%s is answered with 304 while it has not changed', async (path) => {
    const first = await get(path);
    const tag = first.headers.get('etag') ?? '';

    const again = await get(path, { 'if-none-match': tag });

    expect(tag).toMatch(/^".{20,}"$/);
    expect([again.status, await again.text()]).toEqual([304, '']);
    expect(first.headers.get('cache-control')).toBe('no-cache');
  });

  it.each(files)('%s is compressed for a browser that takes gzip', async (path) => {
    const plain = await (await get(path)).text();

    const zipped = await get(path, { 'accept-encoding': 'gzip, deflate, br' });

    const unzipped = zipped.body?.pipeThrough(new DecompressionStream('gzip'));
    expect(zipped.headers.get('content-encoding')).toBe('gzip');
    expect(await new Response(unzipped).text()).toBe(plain);
  });

  it.each(['/console/main.tsx', '/console/..%2Fbundle.ts', '/console/a/b'])(
    '%s is 404 as JSON',
    async (path) => {
      const response = await get(path);

      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ code: 'not_found' });
    },
  );

  it('all files together have at most 120 kB compressed, without the simulation of at most 300 kB', async () => {
    const all = (await consoleFiles()).map(({ name, text }) => ({
      name,
      size: gzipSync(text).length,
    }));

    const sizes = all.filter(({ name }) => name !== 'proof.js').map(({ size }) => size);
    const proof = all.find(({ name }) => name === 'proof.js')?.size;
    expect(proof).toBeGreaterThan(100_000);
    expect(proof).toBeLessThanOrEqual(300_000);
    const total = sizes.reduce((sum, size) => sum + size, 0);

    expect(total).toBeGreaterThan(20_000);
    expect(total).toBeLessThanOrEqual(120_000);
  });
});

it('the simulation imports nothing, no module of Node.js either, since a browser has none', async () => {
  const proof = (await consoleFiles()).find(({ name }) => name === 'proof.js')?.text ?? '';

  expect(proof.length).toBeGreaterThan(100_000);
  expect(proof.match(/\bfrom\s*"[\w@./:-]+"|\bimport\s*[("]|node:[a-z]+/g) ?? []).toEqual([]);
});

describe('the security policy of the console', () => {
  it.each(files)('%s may load from and talk to this service alone', async (path) => {
    const policy = (await get(path)).headers.get('content-security-policy') ?? '';

    const rules = new Map(
      policy.split('; ').map((rule): [string, string] => {
        const [name = '', ...sources] = rule.split(' ');
        return [name, sources.join(' ')];
      }),
    );
    expect(Object.fromEntries(rules)).toEqual({
      'default-src': "'none'",
      'script-src': "'self'",
      'style-src': "'self'",
      'connect-src': "'self'",
      'img-src': "'self' data:",
      'base-uri': "'none'",
      'form-action': "'none'",
      'frame-ancestors': "'none'",
      'require-trusted-types-for': "'script'",
      'trusted-types': "'none'",
    });
  });

  it('the page has no inline script, no inline style and no address of another host', async () => {
    const page = await (await get('/console')).text();

    const addresses = [...page.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, address]) => address);
    expect(page).not.toMatch(/<script(?![^>]* src=)|<style|\son\w+=|\sstyle=/);
    expect(
      addresses.filter((address) => !/^(\/console\/|data:image\/)/.test(address ?? '')),
    ).toEqual([]);
  });
});

describe('the start page', () => {
  it('a browser is sent to the console', async () => {
    const response = await get('/', { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' });

    expect([response.status, response.headers.get('location')]).toEqual([302, '/console']);
  });

  it.each([undefined, '*/*', 'application/json'])(
    'a program that accepts %s gets links to what there is',
    async (accept) => {
      const response = await get('/', accept === undefined ? {} : { accept });

      const { links }: { links: { [name: string]: string } } = JSON.parse(await response.text());
      expect(response.status).toBe(200);
      expect(Object.keys(links)).toEqual(['console', 'docs', 'openapi', 'health']);
      for (const link of Object.values(links)) expect((await get(link)).status, link).toBe(200);
    },
  );
});

it('a ping says the permissions of the key, by which the console shows its controls', async () => {
  const reader = await service.clientOf('default', ['read']);

  expect((await reader('GET /v1/ping')).body.permissions).toEqual(['read']);
  expect((await service.client('GET /v1/ping')).body.permissions).toEqual(['read', 'write']);
});
