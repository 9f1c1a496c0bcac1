import { expect, it } from 'vitest';
import { filesOf, readSource } from '../../support/repository.ts';
import { deniedPhraseIn, hasUnclearPronoun } from '../../support/sources/comment-rules.ts';
import { commentsIn, type SourceComment } from '../../support/sources/comments.ts';
import { deniedIn, deniedWords } from '../../support/sources/denied-words.ts';
import { undocumentedIn, unguaranteedIn } from '../../support/sources/docblocks.ts';
import { identifiersIn, titlesIn } from '../../support/sources/syntax.ts';

// Enforces the language of the sources: shared/README.md has the glossary, .github/CONTRIBUTING.md the rules.

// The rules and their examples contain every denied word.
const sources = filesOf('{functions,infra,shared,test}/**/*.{ts,tsx}').filter(
  (path) => !/^test\/(unit\/house|support\/sources)\//.test(path),
);

const comments = sources.flatMap((path) => commentsIn(path, readSource(path)));

const placeOf = ({ path, line, text }: SourceComment): string => `${path}:${line} ${text}`;

/** Findings of a rule about exported names, below the folders. */
const exportedBy = (pattern: string, rule: (source: string) => string[]): string[] =>
  filesOf(pattern).flatMap((path) => rule(readSource(path)).map((name) => `${path}: ${name}`));

it('the language rules see the sources and their comments', () => {
  expect(sources.length).toBeGreaterThan(400);
  expect(comments.length).toBeGreaterThan(1_000);
});

it('every sentence of a comment names its subject', () => {
  const unclear = comments.filter(({ text }) => hasUnclearPronoun(text));

  expect(unclear.map(placeOf)).toEqual([]);
});

it('comments use the terms of the glossary', () => {
  const denied = comments.flatMap((comment) => {
    const phrase = deniedPhraseIn(comment.text);
    return phrase === undefined ? [] : [`"${phrase}" in ${placeOf(comment)}`];
  });

  expect(denied).toEqual([]);
});

it('titles of tests use the terms of the glossary', () => {
  const titles = sources
    .filter((path) => path.startsWith('test/'))
    .flatMap((path) => titlesIn(readSource(path)).map((title) => ({ path, title })));
  const denied = titles.flatMap(({ path, title }) => {
    const phrase = deniedPhraseIn(title);
    return phrase === undefined ? [] : [`"${phrase}" in ${path}: ${title}`];
  });

  expect(titles.length).toBeGreaterThan(1_000);
  expect(denied).toEqual([]);
});

it('files and identifiers use the terms of the glossary', () => {
  const denied = sources.flatMap((path) =>
    [
      path.split('/').at(-1) ?? '',
      ...identifiersIn(readSource(path), path.endsWith('.tsx')),
    ].flatMap((name) =>
      deniedIn(name).map((word) => `${path}: ${name} (${word} -> ${deniedWords[word]})`),
    ),
  );

  expect(denied).toEqual([]);
});

it('exported operations of core, ports and adapters have a docblock', () => {
  expect(exportedBy('shared/{core,ports,adapters}/**/*.ts', undocumentedIn)).toEqual([]);
});

it('exported operations of core that commit document a guarantee on crash, retry or concurrency', () => {
  expect(exportedBy('shared/core/**/*.ts', unguaranteedIn)).toEqual([]);
});
