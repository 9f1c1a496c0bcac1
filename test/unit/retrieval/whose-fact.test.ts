import { describe, expect, it } from 'vitest';
import { aboutAnother, askedSubject } from '../../../shared/core/retrieval/whose-fact.ts';

const about = (query: string, text: string): number | undefined => {
  const subject = askedSubject(query);
  return subject && aboutAnother(text, subject);
};

describe('whom a question is about', () => {
  it.each(['Where do I live?', 'What is her job?', 'when is my birthday'])(
    '%s: the user',
    (query) => {
      expect(askedSubject(query)).toEqual({ of: 'user' });
    },
  );

  it.each([
    ['Who taught her to sew?', 'asks who it is'],
    ['Does anyone in my family ski?', 'asks who it is'],
    ['good restaurants nearby', 'names no person'],
    ['What do I like about Berlin?', 'the name may be of a place'],
    [`Where does she live? ${'Tell me. '.repeat(40)}`, 'is too long'],
  ])('%s says nothing: %s', (query) => {
    expect(askedSubject(query)).toBeUndefined();
  });
});

describe('a fact about another person', () => {
  it.each([
    ['Where do I live?', "User's sister lives in Berlin."],
    ['Where do I live?', 'My little brother lives in Rome.'],
    ['Where does she work?', 'Marta works at a hotel.'],
    ['Where does my sister live?', "User's cousin lives in Rome."],
    ['Where does my sister live?', "User's brother knows where his sister lives."],
    ["What is my mother-in-law's name?", "User's mother is called Ann."],
    ['Where did Lena meet her?', "User's aunt met Tom in Rome."],
    ['Where does Lena live?', 'Oskar lives in Bonn.'],
  ])('%s %s', (query, text) => {
    expect(about(query, text)).toBe(1);
  });

  it.each([
    ['Where does my sister live?', 'User lives in Porto.'],
    ['What is my dog called?', "User's project is called Larkspur."],
  ])('may be one about the user: %s %s', (query, text) => {
    expect(about(query, text)).toBe(0.5);
  });

  it.each([
    ['Where do I live?', 'User lives in Oslo.'],
    ["What is User's job, does she like it?", "User's job is teaching."],
    ['Where do I live?', 'My catering firm is in Ghent.'],
    ['Where does my mom live?', "User's mother lives in Bern."],
    ['What are my kids called?', "User's daughter is called Ida."],
    ["What does my sister's dog eat?", "User's sister's dog eats fish."],
    ['Where does my sister live?', 'User visited her sister in Oslo.'],
    ['Where does Lena live?', 'Lena lives in Bonn.'],
    ['Where does Lena live?', 'User lives in Porto.'],
  ])('is not this: %s %s', (query, text) => {
    expect(about(query, text)).toBe(0);
  });
});
