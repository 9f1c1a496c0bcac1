import { dirname, join } from 'node:path/posix';
import { Marked } from 'marked';
import { barChart } from './bar-chart.ts';
import { escapeHtml } from './escape-html.ts';
import { pageOfSource } from './pages.ts';

/** Anchor of a heading, as hosts of Markdown make it. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

/**
 * Returns the address of a link on the site. A link to a document is one to its page; one to another file of the repository, which the
 * service does not serve, is undefined.
 */
const addressOf = (href: string, source: string, suffix = ''): string | undefined => {
  if (/^https?:/.test(href) || href.startsWith('/') || href.startsWith('#')) return href;
  const [path = '', heading] = href.split('#');
  const page = pageOfSource(join(dirname(source), path));
  if (!page) return undefined;
  return `/docs/${page.name}${suffix}${heading === undefined ? '' : `#${heading}`}`;
};

/** Columns that a comment such as `<!-- chart: recall, MRR -->` asks for. */
const chartOf = (comment: string): string[] | undefined =>
  /^<!-- chart: (.+) -->\s*$/.exec(comment)?.[1]?.split(', ');

/**
 * Converts a document to HTML. Markup in the document is shown as text, comments are left out; one that names columns draws those of the
 * next table.
 */
export const htmlOf = (markdown: string, source: string): string => {
  let columns: string[] | undefined;
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth, text }) {
        const content = this.parser.parseInline(tokens);
        return `<h${depth} id="${escapeHtml(anchorOf(text))}">${content}</h${depth}>\n`;
      },
      link({ href, tokens }) {
        const content = this.parser.parseInline(tokens);
        const address = addressOf(href, source);
        return address === undefined ? content : `<a href="${escapeHtml(address)}">${content}</a>`;
      },
      image: ({ text }) => `<em>${escapeHtml(text)}</em>`,
      html({ text }) {
        columns = chartOf(text) ?? columns;
        return text.trimStart().startsWith('<!--') ? '' : escapeHtml(text);
      },
      code: ({ text, lang }) =>
        `<pre tabindex="0"${lang ? ` data-language="${escapeHtml(lang)}"` : ''}><code>${escapeHtml(text)}</code></pre>\n`,
      table({ header, rows }) {
        const cells = (row: typeof header, tag: string) =>
          row
            .map(({ text, tokens }) => {
              // A header cell needs a text.
              const own = text.trim() === '' ? 'td' : tag;
              return `<${own}>${this.parser.parseInline(tokens)}</${own}>`;
            })
            .join('');
        const body = rows.map((row) => `<tr>${cells(row, 'td')}</tr>`).join('\n');
        const texts = (row: typeof header) => row.map(({ text }) => text.replaceAll(/[`*]/g, ''));
        const chart =
          columns && barChart({ header: texts(header), rows: rows.map(texts) }, columns);
        columns = undefined;
        return `${chart ?? ''}<div class="wide" tabindex="0"><table><thead><tr>${cells(header, 'th')}</tr></thead><tbody>${body}</tbody></table></div>\n`;
      },
    },
  });
  return marked.parse(markdown, { async: false });
};

/** The document with links that lead to pages of the site as Markdown, for agents and programs. */
export const servedMarkdown = (markdown: string, source: string): string =>
  markdown
    .replace(/!\[([^\][]*)\]\([^()\s]*\)/g, '$1')
    .replace(
      /\[((?:[^\][]|\[[^\][]*\])*)\]\(([^()\s]+)\)/g,
      (whole, text: string, href: string) => {
        const address = addressOf(href, source, '.md');
        if (address === undefined) return text;
        return address === href ? whole : `[${text}](${address})`;
      },
    );
