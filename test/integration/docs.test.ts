import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { docsFiles } from '../../functions/docs/site/build.ts';
import { htmlOf, servedMarkdown } from '../../functions/docs/site/markdown.ts';
import { mountPages } from '../../functions/pages/routes.ts';
import type { ServedFile } from '../../functions/pages/serve-files.ts';
import { openService, type TestService } from '../support/in-memory-service.ts';
import { readSource } from '../support/repository.ts';

let service: TestService;
let files: readonly ServedFile[];
beforeAll(async () => {
  service = await openService({ access: () => ({ pages: mountPages }) });
  files = await docsFiles();
});
afterAll(() => service.close());

const get = (path: string): Promise<Response> =>
  Promise.resolve(service.app.request(`http://service.test${path}`));

const named = (name: string): string => files.find((file) => file.name === name)?.text ?? '';
const pages = () => files.filter(({ type }) => type.startsWith('text/html'));

describe('the documentation', () => {
  it.each([
    ['/docs', 'text/html; charset=utf-8'],
    ['/docs/quick-start', 'text/html; charset=utf-8'],
    ['/docs/webhooks.md', 'text/markdown; charset=utf-8'],
    ['/docs/index.md', 'text/markdown; charset=utf-8'],
    ['/docs/docs.css', 'text/css; charset=utf-8'],
    ['/llms.txt', 'text/plain; charset=utf-8'],
  ])('%s needs no key and is %s', async (path, type) => {
    const response = await get(path);

    expect([response.status, response.headers.get('content-type')]).toEqual([200, type]);
  });

  it('no page has a script, an inline style or a request to another host', async () => {
    const policy = (await get('/docs/api')).headers.get('content-security-policy');

    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('script-src');
    for (const { name, text } of pages()) {
      expect(text, name).not.toMatch(/<script|style=|<img|<iframe|\son\w+=/i);
      expect(text.match(/<link [^>]*>/g), name).toEqual(
        expect.arrayContaining(['<link rel="stylesheet" href="/docs/docs.css">']),
      );
    }
  });

  it('every link within the site leads to a page, and to a heading if it names one', () => {
    const known = new Map(pages().map(({ name, text }) => [name, text]));
    const isBroken = (name: string, href: string): boolean => {
      const [path = '', anchor] = href.split('#');
      const target = path === '' ? name : path.replace(/^\/docs\/?/, '') || 'index.html';
      const page = known.get(target) ?? '';
      return page === '' || (anchor !== undefined && !page.includes(`id="${anchor}"`));
    };
    const elsewhere = /^https?:|^\/(console|openapi\.json|llms\.txt)/;

    const broken = pages().flatMap(({ name, text }) =>
      [...text.matchAll(/<a (?:class="skip" )?href="([^"]*)"/g)]
        .map(([, href = '']) => href)
        .filter((href) => !elsewhere.test(href) && isBroken(name, href))
        .map((href) => `${name}: ${href}`),
    );

    expect(broken).toEqual([]);
  });

  it('every route of the API is in the reference, with an example', () => {
    const { paths } = JSON.parse(readSource('functions/api/openapi/openapi.json'));
    const reference = files
      .filter(({ name }) => /^reference-.*\.md$/.test(name))
      .map(({ text }) => text)
      .join('\n');

    for (const [path, methods] of Object.entries<object>(paths))
      for (const method of Object.keys(methods))
        expect(reference).toContain(`\`${method.toUpperCase()} ${path}\``);
    expect(reference.match(/curl -X/g)?.length).toBe(
      Object.values<object>(paths).flatMap((methods) => Object.keys(methods)).length,
    );
  });

  it('the benchmarks have a bar for each number of their tables that is drawn', () => {
    const page = named('benchmarks');
    const rows = readSource('test/bench/README.md').split('\n');
    const marks = rows.flatMap((row, at) => (row.startsWith('<!-- chart: ') ? [at] : []));
    const numbersAfter = (at: number): number => {
      const names = (rows[at] ?? '').slice('<!-- chart: '.length, -' -->'.length).split(', ');
      const cells = (row = '') => row.split('|').map((cell) => cell.trim());
      const columns = names.map((name) => cells(rows[at + 1]).indexOf(name));
      const end = rows.indexOf('', at);
      return rows
        .slice(at + 3, end)
        .flatMap((row) => columns.filter((column) => cells(row)[column] !== '')).length;
    };

    const charts = page.match(/<svg class="chart"[\s\S]*?<\/svg>/g) ?? [];

    expect(charts.length).toBeGreaterThan(3);
    expect(charts.map((chart) => chart.match(/<rect [^>]*height="10"/g)?.length)).toEqual(
      marks.map((at) => {
        const legend = (rows[at] ?? '').split(', ').length;
        return numbersAfter(at) + (legend > 1 ? legend : 0);
      }),
    );
    expect(charts[1]).toContain('>82.2 %</text>');
  });

  it('the chart of searches has the last figures of their benchmark', () => {
    const source = readSource('test/bench/README.md');
    const [, , , , figure = ''] =
      /^\| `npm run bench:search`.*$/m.exec(source)?.[0].split('|') ?? [];
    const drawn = source.split('<!-- chart: Search -->')[1]?.split('\n\n')[0] ?? '';

    const numbers = [...drawn.matchAll(/\| ([\d.]+) \|$/gm)].map(([, number = '']) => number);

    expect(numbers.length).toBe(3);
    for (const number of numbers) expect(figure).toMatch(new RegExp(`\\b${number} ms`));
  });

  it('llms.txt lists every page as Markdown', () => {
    const markdown = files.filter(({ name }) => name.endsWith('.md') && name !== 'index.md');

    for (const { name } of markdown) expect(named('llms.txt')).toContain(`(/docs/${name})`);
    expect(markdown.length).toBeGreaterThan(20);
  });

  it('a page that does not exist is 404', async () => {
    expect((await get('/docs/nothing')).status).toBe(404);
    expect((await get('/docs/..%2Fpackage.json')).status).toBe(404);
  });
});

describe('a document as a page', () => {
  it('markup in a document is shown as text', () => {
    const html = htmlOf('<img src=x onerror=alert(1)> and `<b>`\n\n<!-- mark -->', 'README.md');

    expect(html).not.toContain('<img');
    expect(html).toContain('&lt;img src=x');
    expect(html).toContain('<code>&lt;b&gt;</code>');
    expect(html).not.toContain('mark');
  });

  it('a chart has bars in proportion to the numbers of its table, shares on a scale to 100', () => {
    const table = '<!-- chart: Share -->\n| | Share |\n|---|---|\n| A | 50 % |\n| B | .25 |\n';
    const counts = table.replace('50 %', '1,000').replace('.25', '250');

    const widths = (text: string) =>
      [...htmlOf(text, 'README.md').matchAll(/<rect class="bar-0"[^>]* width="(\d+)"/g)].map(
        ([, width]) => Number(width),
      );

    expect(widths(table)).toEqual([200, 100]);
    expect(widths(counts)).toEqual([400, 100]);
    expect(() => htmlOf(table.replace('chart: Share', 'chart: Speed'), 'README.md')).toThrow(
      'There is no column Speed',
    );
  });

  it('a link to a document is one to its page, a link to a source file is its text', () => {
    const text = 'See [limits](functions/api/README.md#limits) and [the code](infra/app.ts).';

    expect(htmlOf(text, 'README.md')).toContain('<a href="/docs/api#limits">limits</a>');
    expect(htmlOf(text, 'README.md')).toContain('and the code.');
    expect(servedMarkdown(text, 'README.md')).toBe(
      'See [limits](/docs/api.md#limits) and the code.',
    );
  });
});
