import { describe, expect, it } from 'vitest';
import {
  asksAboutPerson,
  isAboutRelative,
  queryMeaning,
} from '../../../shared/core/retrieval/query-meaning.ts';

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

describe('questions about one person', () => {
  it.each(['Where do I live?', 'What is her job?', 'when is my birthday'])('%s', (query) => {
    expect(asksAboutPerson(query)).toBe(true);
  });

  it.each([
    ['Where does my sister live?', 'names a relative'],
    ["What is my mother-in-law's name?", 'names a relative'],
    ['Who taught her to sew?', 'asks who it is'],
    ['Does anyone in my family ski?', 'asks who it is'],
    ['Where did Lena meet her?', 'names a person'],
    ['good restaurants in Berlin', 'names no person'],
  ])('%s: %s', (query) => {
    expect(asksAboutPerson(query)).toBe(false);
  });

  it.each([
    "User's sister lives in Berlin.",
    'My little brother is a vet.',
    'our dog is called Rex',
  ])('a text about a relative: %s', (text) => {
    expect(isAboutRelative(text)).toBe(true);
  });

  it.each(['User lives in Oslo.', "User's job is teaching.", 'My catering firm is new.'])(
    'a text about the person: %s',
    (text) => {
      expect(isAboutRelative(text)).toBe(false);
    },
  );
});
