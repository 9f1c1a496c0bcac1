import { describe, expect, it } from 'vitest';
import { lexicalScores } from '../../../shared/core/retrieval/lexical-scores.ts';
import { inputsOf } from '../../../shared/core/retrieval/relevance-inputs.ts';
import { matchingCosines } from '../../../shared/core/retrieval/relevance-weights.ts';
import { analyze } from '../../../shared/domain/memory/analyzer.ts';
import { readEveryday, readNonsense, readUsers, usersOf } from '../../bench/relevance/dataset.ts';
import { type AskedQuery, inputNames, itemsOf } from '../../bench/relevance/feature-rows.ts';
import { fitModel, itemLogit } from '../../bench/relevance/linear-model.ts';
import { pooledAuc, summarize } from '../../bench/relevance/metrics.ts';
import { filesOf } from '../../support/repository.ts';
import { candidatesOf } from '../retrieval/candidates.ts';

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

describe('the inputs of relevance', () => {
  const candidates = candidatesOf(
    { text: "User's sister Jule has printer HL-L2350DW." },
    { text: 'User likes tea.' },
    { text: 'User rents a flat.' },
    { text: 'User likes jazz.' },
  );

  const inputsAt = (query: string, position: number) => {
    const queryTerms = analyze(query);
    const documents = candidates.map(({ terms }) => terms);
    const inputs = inputsOf(
      { query, queryTerms, candidates },
      lexicalScores(queryTerms, documents),
      matchingCosines(undefined),
    );
    const [candidate = { id: '', text: '', terms: {}, observedAt: 0, lineage: [] }] =
      candidates.slice(position);
    return inputs(candidate, position);
  };

  it('an identifier counts only where it is exactly the same', () => {
    expect(inputsAt('hl-l2350dw', 0).identifiers).toBe(1);
    expect(inputsAt('hl-l2350', 0).identifiers).toBe(0);
  });

  it('a name counts in small letters too, and a role is no name', () => {
    expect(inputsAt('who is jule', 0).names).toBe(1);
    expect(inputsAt('What does User like?', 1).names).toBe(0);
  });

  it('coverage is the share of the words of the query, rarer words counting more', () => {
    const { coverage, rareWords } = inputsAt('tea user', 1);

    expect(coverage).toBe(1);
    expect(rareWords).toBe(1);
    expect(inputsAt('tea user', 2).coverage).toBeLessThan(0.5);
  });

  it('every input is fitted', () => {
    expect(Object.keys(inputsAt('tea', 1))).toEqual([...inputNames]);
  });

  it('a right answer is listed although no candidate stands for it', () => {
    const request = { query: 'tea', queryTerms: ['tea'], candidates };

    const items = itemsOf(request, ['a', 'b', 'b', 'c'], new Map([['d', 'right']]), 'unrelated');

    expect(items.map(({ name, label, rows }) => [name, label, rows.length])).toEqual([
      ['d', 'right', 0],
      ['a', 'unrelated', 0],
      ['b', 'unrelated', 1],
      ['c', 'unrelated', 0],
    ]);
  });
});

describe('the fit of relevance', () => {
  const query = (bench: AskedQuery['bench'], right: number, unrelated: number): AskedQuery => ({
    bench,
    owner: 'ann',
    query: '',
    items: [
      { name: 'a', label: 'right', rows: [[0], [right]] },
      { name: 'b', label: 'unrelated', rows: [[unrelated]] },
    ],
  });
  const options = {
    unrelated: 1,
    nonsense: 1,
    ranking: 1,
    penalty: 0.001,
    fixed: new Map(),
    signed: new Set([0]),
  };

  it('right answers get higher log odds than unrelated facts, by their best candidate', () => {
    const queries = [query('relevance', 0.8, 0.3), query('relevance', 0.6, 0.1)];

    const model = fitModel(queries, options);

    expect(itemLogit(model, { name: '', label: 'right', rows: [[0.1], [0.7]] })).toBeGreaterThan(0);
    expect(itemLogit(model, { name: '', label: 'right', rows: [[0.2]] })).toBeLessThan(0);
  });

  it('an input that speaks against the right answers gets no negative coefficient', () => {
    const model = fitModel([query('relevance', 0.1, 0.9), query('locomo', 0.1, 0.9)], options);

    expect(model[1]).toBe(0);
  });

  it('the order of turns alone fits an input, too', () => {
    const model = fitModel([query('locomo', 0.8, 0.3)], options);

    expect(model[1]).toBeGreaterThan(1);
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
