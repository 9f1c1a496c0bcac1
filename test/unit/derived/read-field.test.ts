import { expect, it } from 'vitest';
import { fieldOf } from '../../../shared/domain/derived/fields/field.ts';
import { readField } from '../../../shared/domain/derived/fields/read-field.ts';
import { statementsOf } from '../../../shared/domain/derived/fields/statement.ts';
import type { Shape } from '../../../shared/domain/derived/shape.ts';

const read = (name: string, shape: Shape, text: string, isList: boolean) => {
  const field = fieldOf(name, [], isList);
  const found = statementsOf(text).flatMap((statement) => readField(field, shape, statement));
  const values = found.filter(({ isSentence }) => !isSentence).map(({ value }) => value);
  return [...new Set(values.length > 0 ? values : found.map(({ value }) => value))];
};
const first = (name: string, type: 'string' | 'number' | 'boolean', text: string) =>
  read(name, { type }, text, false)[0] ?? null;

it.each([
  ['salary', 'I earn 65,000 dollars a year.', 65_000],
  ['monthly_income', 'I make $5,500 a month.', 5_500],
  ['salary', 'I work as a nurse at St. Mary hospital and earn 65,000.', 65_000],
  ['salary', 'I earn 1,250,000 euros a year, before taxes.', 1_250_000],
  ['salary', 'I want to live in Oslo and earn 65,000.', null],
])('the number %s of "%s" is %s', (name, text, value) => {
  expect(first(name, 'number', text)).toBe(value);
});

it.each([
  ['employer', 'I work at Siemens as a data analyst.', 'Siemens'],
  ['job', 'I work at Siemens as a data analyst.', 'data analyst'],
  ['employer', 'I am a software engineer at Google in Zurich.', 'Google'],
  ['job', 'I am a software engineer at Google in Zurich.', 'software engineer'],
  ['employer', 'I work as a nurse at St. Mary hospital and earn 65,000', 'St. Mary hospital'],
  ['job', 'I work as a nurse at St. Mary hospital and earn 65,000', 'nurse'],
  ['job', 'I work as a nurse and live in Oslo.', 'nurse'],
  ['employer', 'I live in Oslo and work at Siemens.', 'Siemens'],
  ['city', 'I work at Siemens and I live in Oslo.', 'Oslo'],
  ['employer', 'I want to live in Oslo and work at Siemens.', null],
  ['employer', 'I do not live in Oslo and work at Siemens.', null],
  ['job', 'My job is boring.', null],
  ['job', 'My job is really stressful.', null],
  ['job', 'My job is teacher.', 'teacher'],
  ['dog', 'My wife has a dog called Fido.', null],
  ['dog_name', 'My wife has a dog called Fido.', null],
  ['dog_name', 'My wife has a dog that is called Fido.', null],
  ['cat_name', 'I have a dog named Bruno and a cat called Miso.', 'Miso'],
  ['dog_name', 'I have a dog named Bruno and a cat called Miso.', 'Bruno'],
])('the text %s of "%s" is %s', (name, text, value) => {
  expect(first(name, 'string', text)).toBe(value);
});

it.each([
  ['has_cat', 'I have a dog named Bruno and a cat called Miso.', true],
  ['has_dog', 'My dog is called Bruno.', true],
  ['has_dog', "My dog's name is Bruno.", true],
  ['has_dog', "My wife's dog is called Fido.", null],
  ['has_dog', 'My wife has a dog called Fido.', null],
  ['has_cat', 'I do not have a dog and a cat.', null],
])('%s of "%s" is %s', (name, text, value) => {
  expect(first(name, 'boolean', text)).toBe(value);
});

it.each([
  ['I have a dog named Bruno and a cat called Miso.', ['dog named Bruno', 'cat called Miso']],
  ['I have a dog, a cat and two parrots.', ['dog', 'cat', 'two parrots']],
  ['I have two cats named Tom and Jerry.', ['two cats named Tom and Jerry']],
])('the pets of "%s" are a list', (text, pets) => {
  expect(read('pets', { type: 'string' }, text, true)).toEqual(pets);
});
