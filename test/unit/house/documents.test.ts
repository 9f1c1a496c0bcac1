import { dirname, join } from 'node:path/posix';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { limitsTable } from '../../../functions/api/http/limits.ts';
import {
  cloudSettingsTable,
  envExample,
  readConfig,
  settingsTable,
} from '../../../shared/platform/config/config.ts';
import { deploySettingsTable } from '../../../shared/platform/config/config-deploy.ts';
import { npmTable, otherClientsTable } from '../../support/clients/compatibility.ts';
import { featureTable } from '../../support/clients/feature.ts';
import { memosFeatures } from '../../support/clients/memos-features.ts';
import { memvFeatures } from '../../support/clients/memv-features.ts';
import { codeBlocksOf, documents } from '../../support/code-blocks.ts';
import { filesOf, readSource } from '../../support/repository.ts';

const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readSource('package.json')));

/** Anchors of a page's headings, as hosts of Markdown make them. */
const headingsOf = (page: string): string[] =>
  [...readSource(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

/** Relative links of a page, as paths from the root; an empty path is the page itself. */
const linksOf = (page: string): { path: string; heading: string | undefined }[] =>
  [...readSource(page).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].map(
    ([, path = '', heading]) => ({ path: path && join(dirname(page), path), heading }),
  );

const pages = documents();

describe('the documents', () => {
  it('every document is found by these tests', () => {
    expect(pages).toEqual(
      expect.arrayContaining([
        '.github/CONTRIBUTING.md',
        'README.md',
        'functions/api/README.md',
        'functions/api/native/webhooks/README.md',
        'functions/docs/clients.md',
        'functions/docs/security.md',
        'infra/README.md',
        'shared/platform/README.md',
        'test/README.md',
        'test/bench/README.md',
      ]),
    );
  });

  it('every setting that a document names exists', () => {
    const tables = [settingsTable(), cloudSettingsTable(), deploySettingsTable()].join('\n');
    const known = new Set(tables.match(/\b(?:TURNSTONE|DEPLOY)_[A-Z_]*[A-Z]\b/g));

    const unknown = pages.flatMap((page) =>
      (readSource(page).match(/`(?:TURNSTONE|DEPLOY)_[A-Z_]*[A-Z](?==?[^A-Z_])/g) ?? [])
        .map((name) => name.slice(1))
        .filter((name) => !known.has(name))
        .map((name) => `${page} ${name}`),
    );

    expect(known.size).toBeGreaterThan(50);
    expect(unknown).toEqual([]);
  });

  // When one of these fails: npm run settings
  it.each([
    ['shared/platform/README.md', 'settings', settingsTable()],
    ['shared/platform/README.md', 'cloud settings', cloudSettingsTable()],
    ['functions/api/README.md', 'limits', limitsTable()],
    ['functions/docs/clients.md', 'npm client', npmTable()],
    ['functions/docs/clients.md', 'other clients', otherClientsTable()],
    ['functions/docs/memos-and-memv.md', 'MemOS', featureTable(memosFeatures, '../..')],
    ['functions/docs/memos-and-memv.md', 'memv', featureTable(memvFeatures, '../..')],
    ['infra/README.md', 'settings', deploySettingsTable()],
  ])('%s has the table of %s as the sources have it', (page, mark, table) => {
    expect(readSource(page)).toContain(`<!-- ${mark} -->\n${table}\n<!-- /${mark} -->`);
  });

  it('.env.example is the one that the settings make', () => {
    expect(readSource('.env.example')).toBe(envExample());
  });

  it('.env.example sets every setting to its default once it is uncommented', () => {
    const lines = readSource('.env.example').matchAll(/^# (\w+)=(.*)$/gm);

    const given = Object.fromEntries([...lines].map(([, name = '', value]) => [name, value]));

    expect(Object.keys(given).length).toBeGreaterThan(40);
    expect(readConfig(given)).toEqual(readConfig({}));
  });

  it.each(pages)('%s links only to files and headings that exist', (page) => {
    const dead = linksOf(page).filter(({ path, heading }) => {
      const target = path === '' ? page : path;
      if (filesOf(target.replace(/\/$/, '')).length === 0) return true;
      return heading !== undefined && !headingsOf(target).includes(heading);
    });

    expect(dead).toEqual([]);
  });

  it('every document can be reached from the README', () => {
    const reached = new Set(['README.md']);
    for (const page of reached)
      for (const { path } of linksOf(page)) if (pages.includes(path)) reached.add(path);

    expect(pages.filter((page) => !reached.has(page))).toEqual([]);
  });

  it.each(pages)('%s names only commands that exist', (page) => {
    const named = [...readSource(page).matchAll(/npm run (?:-s )?([\w:-]+)/g)];
    const unknown = named.map(([, name = '']) => name).filter((name) => !(name in scripts));

    expect(unknown).toEqual([]);
  });

  it.each(pages)('%s runs only tests that exist', (page) => {
    const code = codeBlocksOf(page).map((block) => block.code);

    const paths = code.flatMap((text) => [...text.matchAll(/\btest\/[\w./-]+/g)].map(String));

    expect(paths.filter((path) => filesOf(path).length === 0)).toEqual([]);
  });

  it('every benchmark has a row with its target and its last figure', () => {
    const rows = new Map(
      [...readSource('test/bench/README.md').matchAll(/^\| `npm run (bench:[\w-]+).*$/gm)].map(
        ([row, name]) => [name, row.split(/(?<!\\)\|/).map((cell) => cell.trim())],
      ),
    );
    const benchmarks = Object.keys(scripts).filter((name) => name.startsWith('bench:'));
    const setup = 'bench:setup';

    const incomplete = benchmarks.filter((name) => {
      const [, , measures, target, figure] = rows.get(name) ?? [];
      return !measures || (name !== setup && (!target || !figure));
    });

    expect(benchmarks.length).toBeGreaterThan(10);
    expect(incomplete).toEqual([]);
  });

  it('every command is in the contributing guide', () => {
    const guide = readSource('.github/CONTRIBUTING.md');

    const named = new Set(
      [...guide.matchAll(/`(?:npm (?:run (?:-s )?)?)?([a-z][\w:-]*)/g)].map(([, name]) => name),
    );
    const missing = Object.keys(scripts).filter(
      (name) => !/^pre(?=test|bench)/.test(name) && !named.has(name),
    );

    expect(missing).toEqual([]);
  });
});
