import { describe, expect, it } from 'vitest';
import {
  formatDuration,
  formatEntities,
  formatTime,
  parsePairs,
  shorten,
  shortId,
} from '../../../functions/console/app/format.ts';
import { parsePlace, placeOf } from '../../../functions/console/app/places.ts';
import { explainScore, scoreInWords } from '../../../functions/console/app/scores.ts';
import { filesOf, readSource } from '../../support/repository.ts';

describe('formats', () => {
  it.each([
    [0, '0 ms'],
    [999, '999 ms'],
    [1_500, '1.5 s'],
    [90_000, '2 min'],
    [7_200_000, '2 h'],
    [259_200_000, '3 d'],
  ])('%i ms are shown as %s', (ms, shown) => {
    expect(formatDuration(ms)).toBe(shown);
  });

  it('a time that cannot be read is shown as it is', () => {
    expect(formatTime('soon')).toBe('soon');
    expect(formatTime('2026-01-31T12:00:00Z')).toMatch(/^2026-0[12]-\d\d \d\d:00:00$/);
  });

  it('a text is cut at a whole character', () => {
    expect(shorten('👩🏽‍🚀'.repeat(2), 3)).not.toMatch(/[\ud800-\udbff]…$/);
    expect(shorten('tea', 3)).toBe('tea');
    expect(shortId('01a22a06-a6f3-7001-b6c9-3c3b7c54278f')).toBe('…7c54278f');
  });

  it('the entities of a body are named by kind', () => {
    expect(formatEntities({ user_id: 'ana', agent_id: null, run_id: '7' })).toBe('user ana, run 7');
  });

  it.each([
    ['', {}],
    ['source=chat', { source: 'chat' }],
    ['a=1, b = x=y ', { a: '1', b: 'x=y' }],
    ['source', undefined],
    ['=x', undefined],
    ['a=', undefined],
  ])('the pairs of "%s" are read, or refused', (text, pairs) => {
    expect(parsePairs(text)).toEqual(pairs);
  });
});

describe('the address', () => {
  it.each(['a/b', 'ä?x=1#y', '%', 'javascript:alert(1)', '<b>'])(
    'the id "%s" comes back from the address that it makes, which stays in the console',
    (id) => {
      const address = placeOf('memories', id);

      expect(address).toMatch(/^#\/memories\/[^?#/<>]*$/);
      expect(parsePlace(address)).toMatchObject({ page: 'memories', id });
    },
  );

  it('an address that is not encoded is read as it is', () => {
    expect(parsePlace('#/events/%zz?status=FAILED').id).toBe('%zz');
    expect(parsePlace('').page).toBe('');
  });
});

describe('the explanation of a score', () => {
  it('parts are in a fixed order, and their bars have a length between 0 and 1', () => {
    const parts = explainScore({ rare_words: 3, semantic: -0.2, novelty: 0.5, bm25: 0.25 });

    expect(parts.map(({ name, share }) => [name, share])).toEqual([
      ['Meaning', 0],
      ['Words', 0.25],
      ['Rare words', 1],
      ['novelty', 0.5],
    ]);
  });

  it.each([
    [0.9, /Surely/],
    [0.3, /Probably/],
    [0.1, /Perhaps/],
    [0.05, /Below/],
  ])('a score of %d is put into words', (score, words) => {
    expect(scoreInWords(score)).toMatch(words);
  });
});

describe('the sources of the console', () => {
  const sources = filesOf('functions/console/app/**/*.{ts,tsx}').map((path) => ({
    path,
    source: readSource(path),
  }));

  it('no source makes markup, code or an address of another scheme out of a text', () => {
    const risky =
      /dangerouslySetInnerHTML|(?:inner|outer)HTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc|DOMParser|createContextualFragment/;
    const unsafeLink = /\bhref=\{(?!`?\$?\{?placeOf\()/;

    const found = sources.filter(({ source }) => risky.test(source) || unsafeLink.test(source));

    expect(sources.length).toBeGreaterThan(20);
    expect(found.map(({ path }) => path)).toEqual([]);
  });

  it('the key of a session is kept in sessionStorage and nowhere else', () => {
    const others = /localStorage|document\.cookie|indexedDB|caches\./;

    expect(sources.filter(({ source }) => others.test(source)).map(({ path }) => path)).toEqual([]);
  });
});
