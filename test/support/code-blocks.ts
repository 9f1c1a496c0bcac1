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
