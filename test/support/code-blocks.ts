import { filesOf, readSource } from './repository.ts';

export interface CodeBlock {
  page: string;
  /** Empty where the block is an illustration or a list of commands. */
  language: string;
  code: string;
}

/** Fenced blocks of code of a document, in their order. */
export const codeBlocksOf = (page: string): CodeBlock[] =>
  [...readSource(page).matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(
    ([, language = '', code = '']) => ({ page, language, code }),
  );

/** Every Markdown document of the repository. */
export const documents = (): string[] =>
  filesOf('README.md', '.github/**/*.md', '{functions,infra,shared,test}/**/*.md');

/** Code of the blocks of a page in a language. */
export const blocksIn = (page: string, language: string): string[] =>
  codeBlocksOf(page)
    .filter((block) => block.language === language)
    .map(({ code }) => code);

/** The only block of that language that holds the text. */
export const blockWith = (page: string, language: string, text: string): string => {
  const [found, ...others] = blocksIn(page, language).filter((code) => code.includes(text));
  if (found !== undefined && others.length === 0) return found;
  throw new Error(`${others.length + 1} ${language} blocks of ${page} have ${text}`);
};
