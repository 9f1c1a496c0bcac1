import { describe, expect, it } from 'vitest';
import { filesOf, readSource } from '../../support/repository.ts';
import { commentsIn, type SourceComment } from '../../support/sources/comments.ts';
import { deniedIn, deniedPhrases } from '../../support/sources/denied-words.ts';
import { undocumentedIn } from '../../support/sources/docblocks.ts';
import { identifiersIn } from '../../support/sources/syntax.ts';

// The language of the sources: shared/README.md has the glossary, .github/CONTRIBUTING.md the rules.

const product = filesOf('{functions,infra,shared}/**/*.ts');
const everything = filesOf('{functions,infra,shared,test}/**/*.ts').filter(
  (path) => !/^test\/(unit\/house|support\/sources)\//.test(path),
);

const placeOf = ({ path, line, text }: SourceComment): string => `${path}:${line} ${text}`;

const commentsOf = (paths: readonly string[]): SourceComment[] =>
  paths.flatMap((path) => commentsIn(path, readSource(path)));

/** Code and quotations are not prose. */
const prose = (text: string): string => text.replace(/`[^`]*`|"[^"]*"|“[^”]*”/g, 'code');

const matching = (paths: readonly string[], pattern: RegExp): string[] =>
  commentsOf(paths)
    .filter(({ text }) => pattern.test(prose(text)))
    .map(placeOf);

describe('the language of the sources', () => {
  it('comments are found by these tests', () => {
    expect(commentsOf(product).length).toBeGreaterThan(500);
  });

  it('every comment opens with a verb or a noun', () => {
    const opening =
      /^(?:what|who|whoever|whom|whose|those|one|ones|that|it|its|they|he|she)\b(?! of the\b)/i;

    expect(matching(everything, opening)).toEqual([]);
  });

  it('no sentence of a comment opens with a pronoun whose noun is elsewhere', () => {
    const pronoun = /[.!?;:] (?:it|its|they|them|their|he|his|those|whoever|whatever|what|who)\b/i;

    expect(matching(product, pronoun)).toEqual([]);
  });

  it('comments use the terms of the glossary', () => {
    expect(matching(everything, deniedPhrases)).toEqual([]);
  });

  it('names use the terms of the glossary', () => {
    const denied = everything.flatMap((path) =>
      identifiersIn(readSource(path)).flatMap((name) =>
        deniedIn(name).map((word) => `${path}: ${name} (${word})`),
      ),
    );

    expect(denied).toEqual([]);
  });

  it('exported operations of core, ports and adapters have a docblock', () => {
    const undocumented = filesOf('shared/{core,ports,adapters}/**/*.ts').flatMap((path) =>
      undocumentedIn(readSource(path)).map((name) => `${path}: ${name}`),
    );

    expect(undocumented).toEqual([]);
  });
});
