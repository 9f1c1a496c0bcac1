import { describe, expect, it } from 'vitest';
import { analyze, countTerms } from '../../../shared/domain/memory/analyzer.ts';
import { readEveryday, readNonsense, readUsers, usersOf } from '../../bench/relevance/dataset.ts';
import { featuresOf } from '../../bench/relevance/features.ts';
import { fitLogistic, probability } from '../../bench/relevance/logistic.ts';
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

describe('the features of relevance', () => {
  const texts = [
    "User's sister Jule has printer HL-L2350DW.",
    'User likes tea.',
    'User rents a flat.',
  ];
  const documents = texts.map((text) => ({ text, terms: countTerms(text) }));

  const features = (query: string, position: number, cosine?: number) => {
    const queryTerms = analyze(query);
    const frequencies = Object.fromEntries(
      queryTerms.map((term) => [term, documents.filter(({ terms }) => term in terms).length]),
    );
    const statistics = { documents: documents.length, averageLength: 3, frequencies };
    const candidate = documents[position] ?? { text: '', terms: {} };
    return featuresOf({ query, queryTerms, statistics })({
      ...candidate,
      ...(cosine === undefined ? {} : { cosine }),
    });
  };

  it('an identifier counts only where it is exactly the same', () => {
    expect(features('hl-l2350dw', 0).identifiers).toBe(1);
    expect(features('hl-l2350', 0).identifiers).toBe(0);
  });

  it('a name counts in small letters too, and a role is no name', () => {
    expect(features('who is jule', 0).names).toBe(1);
    expect(features('What does User like?', 1).names).toBe(0);
  });

  it('coverage is the share of the words of the query, rarer words counting more', () => {
    const { coverage, rareWords } = features('tea user', 1);

    expect(coverage).toBe(1);
    expect(rareWords).toBe(1);
    expect(features('tea user', 2).coverage).toBeLessThan(0.5);
  });

  it('nothing shared makes all features zero', () => {
    expect(Object.values(features('volcano', 1)).every((value) => value === 0)).toBe(true);
  });
});

describe('the fit of relevance', () => {
  it('a logistic regression finds the coefficients that made its examples', () => {
    const examples = Array.from({ length: 41 }, (_, i) => i / 10 - 2).flatMap((x) => {
      const p = 1 / (1 + Math.exp(-(0.5 + 2 * x)));
      return [
        { features: [x], positive: true, weight: p },
        { features: [x], positive: false, weight: 1 - p },
      ];
    });

    const model = fitLogistic(examples, 0);

    expect(model[0]).toBeCloseTo(0.5, 6);
    expect(model[1]).toBeCloseTo(2, 6);
    expect(probability(model, [0])).toBeCloseTo(0.6225, 4);
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
