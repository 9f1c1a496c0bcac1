import { describe, expect, it } from 'vitest';
import { readTopics } from '../../../shared/adapters/local-extractor/topics.ts';

describe('topics', () => {
  it.each([
    ['diabetes, salary', 'User has diabetes.', true],
    ['my health', 'User has asthma.', true],
    ['medical information and my job', 'User works at a bank.', true],
    ['salary', 'User works at a bank.', false],
    ['my health', 'User lives in Rome.', false],
  ])('%j holds for "%s": %s', (list, text, isAbout) => {
    expect(readTopics(list)?.test(text)).toBe(isAbout);
  });

  it('a topic with the name of an offered category stands for its description', () => {
    const offered = [{ name: 'cars', description: 'Vehicles and automobiles' }];

    expect(readTopics('cars', offered)?.test('User owns three vehicles.')).toBe(true);
    expect(readTopics('cars')?.test('User owns three vehicles.')).toBe(false);
  });

  it.each(['Please leave out whatever could embarrass me later on.', 'x'.repeat(2_001), ',;,'])(
    'prose and what is too long is no list of topics: %s',
    (list) => {
      expect(readTopics(list)).toBeUndefined();
    },
  );
});
