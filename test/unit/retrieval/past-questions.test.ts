import { expect, it } from 'vitest';
import { isAboutThePast } from '../../../shared/core/retrieval/past-questions.ts';

it.each([
  'Where did Ana live before Seattle?',
  'What did I use to drink, or used to?',
  'Which employer did she have previously?',
  'Who is her ex-husband?',
  'Does he no longer eat meat?',
  'What was my old address?',
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
