import { describe, expect, it } from 'vitest';
import { queryMeaning } from '../../../shared/core/retrieval/query-meaning.ts';

describe('the meaning of a query', () => {
  it.each([
    ['What does she do?', 'What does User do?'],
    ['What is her job?', "What is User's job?"],
    ['Who looks after her?', 'Who looks after User?'],
    [
      'Where do I live, and what are my hobbies?',
      "Where do User live, and what are User's hobbies?",
    ],
    ['Does he like Berlin?', 'Does User like Berlin?'],
  ])('%s is embedded as %s', (query, meaning) => {
    expect(queryMeaning(query)).toBe(meaning);
  });

  it.each([
    'What did Ana say about her job?',
    'for (let i = 0; i < n; i++)',
    "I'm hungry",
    'thesis',
    'What do they like?',
  ])('%s stays as it is', (query) => {
    expect(queryMeaning(query)).toBe(query);
  });

  it('a long text stays as it is', () => {
    const text = 'She likes tea. '.repeat(30);

    expect(queryMeaning(text)).toBe(text);
  });
});
