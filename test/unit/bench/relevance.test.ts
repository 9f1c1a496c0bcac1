import { describe, expect, it } from 'vitest';
import { readEveryday, readNonsense, readUsers, usersOf } from '../../bench/relevance/dataset.ts';
import { pooledAuc, summarize } from '../../bench/relevance/metrics.ts';
import { filesOf } from '../../support/repository.ts';

describe('the labelled set of relevance', () => {
  const users = [...readUsers('training'), ...readUsers('unseen')];

  it('each user has 25 to 40 facts on several subjects and at least 20 questions', () => {
    const odd = users.filter(
      ({ facts, questions }) =>
        facts.length < 25 ||
        facts.length > 40 ||
        new Set(facts.map(({ subject }) => subject)).size < 6 ||
        questions.length < 20,
    );

    expect(odd.map(({ name }) => name)).toEqual([]);
  });

  it('every file of a user is in exactly one of the two lists', () => {
    const named = Object.entries(usersOf).flatMap(([part, names]) =>
      names.map((name) => `test/bench/relevance/${part}/${name}.json`),
    );

    expect(filesOf('test/bench/relevance/{training,unseen}/*.json')).toEqual(named.sort());
  });

  it('every question has a right answer and unrelated facts, and none is asked twice', () => {
    const bad = [...users, readEveryday()].flatMap(({ name, questions }) =>
      questions
        .filter(({ text, labels }) => {
          const found = new Set(labels.values());
          const isRepeated = questions.filter((other) => other.text === text).length > 1;
          return !found.has('right') || !found.has('unrelated') || isRepeated;
        })
        .map(({ text }) => `${name}: ${text}`),
    );

    expect(bad).toEqual([]);
  });

  it('no nonsense query has a number that a fact of its users has', () => {
    const answered = (['training', 'unseen'] as const).flatMap((part) => {
      const texts = readUsers(part).flatMap(({ facts }) => facts.map(({ memory }) => memory));
      const numbers = new Set(texts.flatMap((text) => text.match(/\w*\d{3,}\w*/g) ?? []));
      return readNonsense(part).filter((query) =>
        query.split(/\W+/).some((word) => numbers.has(word)),
      );
    });

    expect(answered).toEqual([]);
  });
});

describe('the measures of relevance', () => {
  it('the AUC pools all questions, and ties count half', () => {
    const outcomes = [
      { right: [0.9], unrelated: [0.1, 0.5] },
      { right: [0.5], unrelated: [0.2] },
    ];

    expect(pooledAuc(outcomes)).toBe(3.5 / 4);
    expect(summarize(outcomes)).toMatchObject({ kept: 1, dropped: 2 / 3, first: 1 });
  });
});
