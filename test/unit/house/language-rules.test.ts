import { describe, expect, it } from 'vitest';
import { deniedPhraseIn, hasUnclearPronoun } from '../../support/sources/comment-rules.ts';
import { commentsIn } from '../../support/sources/comments.ts';
import { deniedIn } from '../../support/sources/denied-words.ts';
import { undocumentedIn, unguaranteedIn } from '../../support/sources/docblocks.ts';
import { fragmentsOf } from '../../support/sources/modules.ts';
import { identifiersIn, titlesIn } from '../../support/sources/syntax.ts';

describe('the extraction of comments', () => {
  const textsOf = (source: string): string[] =>
    commentsIn('a.ts', source).map(({ line, text }) => `${line}: ${text}`);

  it('consecutive line comments are one comment', () => {
    expect(textsOf('// First line,\n// second line.\nconst a = 1;\n// Another.')).toEqual([
      '1: First line, second line.',
      '4: Another.',
    ]);
  });

  it('each tag of a docblock is a comment of its own', () => {
    const docblock = '/**\n * Reads a page.\n *\n * @param size items\n * @throws when closed\n */';

    expect(textsOf(docblock)).toEqual(['1: Reads a page.', '4: items', '5: when closed']);
  });

  it('directives to tools are no comments', () => {
    expect(textsOf('// biome-ignore lint/a: reason\n// @ts-expect-error wrong')).toEqual([]);
  });
});

describe('the rule for pronouns', () => {
  it.each([
    'What is left to do.',
    'Whoever holds the lease writes.',
    'It is over.',
    'They are equal.',
    'Its owner decides.',
    'That is repeated.',
    'Those are repeated.',
    'One that fails is repeated.',
    'One at a time writes.',
    'Nobody reads this.',
    'No one reads this.',
    'Somebody else wrote.',
    'Returns the item. It is copied.',
    'Returns the item (if any). Their order is random.',
    'A lock; whoever comes next waits.',
    'A queue: what was lost is sent again.',
  ])('"%s" has no clear subject', (text) => {
    expect(hasUnclearPronoun(text)).toBe(true);
  });

  it.each([
    'Releases the lease; its holder may be dead.',
    'Two callers: they share a transaction.',
    'One request per page.',
    'Writes that belong together, e.g. its index entry.',
    'That of the store differs.',
    'Those of the store differ.',
    'Whether a turn was applied.',
    'Returns the items. `it` is the name in the query.',
    'Explains "What follows" in the prompt.',
    'Itself a transaction.',
  ])('"%s" has a clear subject', (text) => {
    expect(hasUnclearPronoun(text)).toBe(false);
  });
});

describe('the rule for phrases', () => {
  it.each([
    ['Takes the next delivery that stands in line.', 'stands in line'],
    ['Records all of them in one breath.', 'in one breath'],
    ['The customer is told once.', 'told'],
    ['Opens the gate.', 'gate'],
    ['Signs the letter.', 'the letter'],
    ['There is no room left.', 'no room'],
  ])('"%s" contains a denied phrase', (text, phrase) => {
    expect(deniedPhraseIn(text)).toBe(phrase);
  });

  it.each([
    'Moves the message to the dead-letter queue.',
    'A capital letter or a digit.',
    'Writes one log line.',
    'Parses the command line.',
    'Behaves in line with the contract.',
    'Calls the API gateway.',
    'Sends `told` and "nobody" as they are.',
  ])('"%s" is standard language', (text) => {
    expect(deniedPhraseIn(text)).toBeUndefined();
  });
});

describe('the rule for names', () => {
  it.each([
    ['told', ['told']],
    ['gateIsAt', ['gate']],
    ['maxParked', ['parked']],
    ['lookAgainMs', ['look again']],
    ['drain-line.ts', ['drain line']],
    ['mostItems', ['most']],
    ['LANE', ['lane']],
  ])('%s contains a denied word', (name, words) => {
    expect(deniedIn(name)).toEqual(words);
  });

  it.each(['atMost', 'deadLetterQueue', 'gateway', 'inlineCode', 'worldwide', 'maxInFlight'])(
    '%s contains no denied word',
    (name) => {
      expect(deniedIn(name)).toEqual([]);
    },
  );

  it('names of variables, parameters, properties and types are identifiers', () => {
    const source = 'interface A { b: string }\nexport const c = ({ b: d }: A): string => d;';

    expect(identifiersIn(source).sort()).toEqual(['A', 'b', 'c', 'd']);
  });
});

describe('the rules for docblocks', () => {
  const saves = 'async (store: Store) => {\n  await store.transact([]);\n};';

  it('an exported asynchronous function without a docblock is undocumented', () => {
    expect(undocumentedIn(`export const save = ${saves}`)).toEqual(['save']);
    expect(undocumentedIn('export const a = (): Promise<void> => b();')).toEqual(['a']);
  });

  it('internal, synchronous and documented functions are not undocumented', () => {
    expect(undocumentedIn(`const save = ${saves}`)).toEqual([]);
    expect(undocumentedIn('export const size = (text: string) => text.length;')).toEqual([]);
    expect(undocumentedIn(`/** Saves all items. */\nexport const save = ${saves}`)).toEqual([]);
  });

  it('a docblock belongs only to the export right after it', () => {
    const source = `/** The first. */\nexport const a = 1;\n\nexport const save = ${saves}`;

    expect(undocumentedIn(source)).toEqual(['save']);
  });

  it('a commit without a word about crash, retry or concurrency has no documented guarantee', () => {
    const wordless = `/** Saves all items. */\nexport const save = ${saves}`;
    const wordy = `/** Saves all items in one transaction. */\nexport const save = ${saves}`;

    expect(unguaranteedIn(wordless)).toEqual(['save']);
    expect(unguaranteedIn(wordy)).toEqual([]);
  });

  it('a function that does not commit needs no guarantee', () => {
    expect(unguaranteedIn('/** Loads. */\nexport const load = async () => read();')).toEqual([]);
  });
});

it('titles are found of tests and groups, with tables and options too', () => {
  const source = `
    describe('a', () => {
      it('b', () => expect('no').toBe('no'));
      it.each([['x', 'y']])('c %s', run);
      it.runIf(isOn)('d', run);
      describe.each(kinds)('e', run);
    });
    other('no');`;

  expect(titlesIn(source)).toEqual(['a', 'b', 'c %s', 'd', 'e']);
});

describe('the rule for fragments', () => {
  const modules = [
    { path: 'a/entry.ts', source: "import { b } from './b.ts';\nimport './d.ts';\n" },
    { path: 'a/b.ts', source: "import './d.ts';\nconst url = new URL('../thread.ts', here);\n" },
    { path: 'a/d.ts', source: 'export const d = 1;\n' },
    { path: 'thread.ts', source: 'start();\nrun();\n' },
  ];

  it('a short module with one importer is a fragment', () => {
    expect(fragmentsOf(modules, 40)).toEqual([
      { path: 'a/b.ts', lines: 2, importer: 'a/entry.ts' },
      { path: 'thread.ts', lines: 2, importer: 'a/b.ts' },
    ]);
  });

  it('entries, modules with several importers and long modules are no fragments', () => {
    expect(fragmentsOf(modules, 2)).toEqual([]);
  });
});
