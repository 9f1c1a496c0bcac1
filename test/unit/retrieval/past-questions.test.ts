import { expect, it } from 'vitest';
import { askedTime, isAboutThePast } from '../../../shared/core/retrieval/past-questions.ts';

it.each([
  'Where did Ana live before Seattle?',
  'What did I use to drink, or used to?',
  'Which employer did she have previously?',
  'Who is her ex-husband?',
  'Does he no longer eat meat?',
  'What was my old address?',
  'Wo habe ich früher gewohnt?',
  '¿Dónde trabajaba antes?',
  'Où habitait-elle auparavant ?',
  '她以前住在哪里？',
])('the question "%s" is about the past', (question) => {
  expect(isAboutThePast(question)).toBe(true);
});

it.each([
  'Where does Ana live?',
  'What happened yesterday?',
  'How old is the dog?',
  'What is her favourite exercise?',
])('the question "%s" is about the present', (question) => {
  expect(isAboutThePast(question)).toBe(false);
});

it('a question is about the past by its first thousand characters', () => {
  expect(isAboutThePast(`${'tea '.repeat(300)} used to`)).toBe(false);
});

it.each(['Where did I live before?', 'What did I use to drink?', 'Wo habe ich vorher gewohnt?'])(
  'the question "%s" asks for what was true before',
  (question) => {
    expect(askedTime(question)).toBe('before');
  },
);

it.each(['What do I eat before a run?', 'Where do I live?'])(
  'the question "%s" asks for what is true now',
  (question) => {
    expect(askedTime(question)).toBe('now');
  },
);
