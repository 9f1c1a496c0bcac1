import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { ServedFile } from '../../pages/serve-files.ts';
import { escapeHtml } from './escape-html.ts';
import { htmlOf, servedMarkdown } from './markdown.ts';
import { docsGroups } from './pages.ts';
import { referencePages } from './reference.ts';

const root = join(import.meta.dirname, '../../..');
const openApiFile = 'functions/api/openapi/openapi.json';

interface Page {
  name: string;
  title: string;
  html: string;
  markdown: string;
}

interface Group {
  title: string;
  pages: Page[];
}

const read = (path: string): Promise<string> => readFile(join(root, path), 'utf8');

/** Converts one document after the other, so that requests are served in between. */
const oneByOne = async <T, R>(items: Iterable<T>, convert: (item: T) => Promise<R> | R) => {
  const converted: R[] = [];
  for (const item of items) {
    converted.push(await convert(item));
    await setImmediate();
  }
  return converted;
};

const guideGroups = (): Promise<Group[]> =>
  oneByOne(docsGroups, async ({ title, pages }) => ({
    title,
    pages: await oneByOne(pages, async ({ name, title: own, source }) => {
      const text = await read(source);
      return {
        name,
        title: own,
        html: htmlOf(text, source),
        markdown: servedMarkdown(text, source),
      };
    }),
  }));

const referenceGroup = async (): Promise<Group> => {
  const pages = referencePages(JSON.parse(await read(openApiFile)));
  return {
    title: 'Reference',
    pages: await oneByOne(pages, (page) => ({ ...page, html: htmlOf(page.markdown, '') })),
  };
};

const navigation = (groups: readonly Group[], current: string): string =>
  groups
    .map(
      ({ title, pages }) =>
        `<h2>${escapeHtml(title)}</h2><ul>${pages
          .map(
            ({ name, title: own }) =>
              `<li><a href="/docs/${name}"${name === current ? ' aria-current="page"' : ''}>${escapeHtml(own)}</a></li>`,
          )
          .join('')}</ul>`,
    )
    .join('\n');

const htmlPage = (
  groups: readonly Group[],
  { name, title, html }: Omit<Page, 'markdown'>,
): string =>
  `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)} · Turnstone</title>
<link rel="stylesheet" href="/docs/docs.css">
<link rel="alternate" type="text/markdown" href="/docs/${name}.md">
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header><a href="/docs">Turnstone</a> <a href="/console">Console</a> <a href="/openapi.json">OpenAPI</a></header>
<div class="columns">
<nav aria-label="Pages"><details><summary>Pages</summary>${navigation(groups, name)}</details></nav>
<main id="content" tabindex="-1">
${html}
</main>
</div>
</body>
</html>
`;

const introduction =
  'Turnstone is an event-driven memory service for AI agents: guides, and the reference of its API. Every page is Markdown, too: add `.md` to its address. [/llms.txt](/llms.txt) lists all pages.';

const indexMarkdown = (groups: readonly Group[], suffix: string): string =>
  [
    '# Documentation',
    introduction,
    ...groups.map(
      ({ title, pages }) =>
        `## ${title}\n\n${pages.map(({ name, title: own }) => `- [${own}](/docs/${name}${suffix})`).join('\n')}`,
    ),
  ].join('\n\n');

/** First sentence of a page, for the list of pages. */
const summaryOf = (markdown: string): string => {
  const paragraph = markdown.split('\n\n').find((text) => /^[A-Z`[]/.test(text)) ?? '';
  const [sentence = ''] = paragraph.replaceAll('\n', ' ').split(/(?<=[.:]) /);
  return sentence.replace(/\[([^\][]*)\]\([^()]*\)/g, '$1').slice(0, 200);
};

const llmsText = (groups: readonly Group[]): string =>
  [
    '# Turnstone',
    '> Event-driven memory service for AI agents, compatible with the APIs of mem0, MemOS and memv. The whole API: [/openapi.json](/openapi.json).',
    ...groups.map(
      ({ title, pages }) =>
        `## ${title}\n\n${pages
          .map(
            ({ name, title: own, markdown }) =>
              `- [${own}](/docs/${name}.md): ${summaryOf(markdown)}`,
          )
          .join('\n')}`,
    ),
  ].join('\n\n');

const html = 'text/html; charset=utf-8';
const markdownType = 'text/markdown; charset=utf-8';

/** The styles that the console has too, then those of the documentation. */
const styles = async (): Promise<string> => {
  const files = ['../../pages/base.css', 'docs.css'];
  const texts = files.map((file) => readFile(join(import.meta.dirname, file), 'utf8'));
  return (await Promise.all(texts)).join('\n');
};

/**
 * Makes all files of the documentation from the documents of the repository. On AWS this module is replaced at synthesis by one that has
 * the files, since a function has no documents.
 */
export const docsFiles = async (): Promise<readonly ServedFile[]> => {
  const groups = [...(await guideGroups()), await referenceGroup()];
  const index = indexMarkdown(groups, '');
  return [
    {
      name: 'index.html',
      type: html,
      text: htmlPage(groups, { name: 'index', title: 'Documentation', html: htmlOf(index, '') }),
    },
    { name: 'index.md', type: markdownType, text: `${indexMarkdown(groups, '.md')}\n` },
    { name: 'llms.txt', type: 'text/plain; charset=utf-8', text: `${llmsText(groups)}\n` },
    {
      name: 'docs.css',
      type: 'text/css; charset=utf-8',
      text: await styles(),
    },
    ...groups.flatMap(({ pages }) =>
      pages.flatMap((page): ServedFile[] => [
        { name: page.name, type: html, text: htmlPage(groups, page) },
        { name: `${page.name}.md`, type: markdownType, text: page.markdown },
      ]),
    ),
  ];
};
