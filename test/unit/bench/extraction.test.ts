import { describe, expect, it } from 'vitest';
import { type Case, readCases } from '../../bench/extraction/dataset.ts';
import { hasDate, hasPattern } from '../../bench/extraction/patterns.ts';
import { type Kept, scoreCase, sumScores } from '../../bench/extraction/score.ts';

const training = readCases('training');
const everyday = readCases('everyday');
const unseen = readCases('held-out');
const all = [...training, ...everyday, ...readCases('fresh'), ...unseen];

const extracted = (texts: string[]): Kept[] => texts.map((text) => ({ text, verbatim: false }));
const asSaid = (texts: string[]): Kept[] => texts.map((text) => ({ text, verbatim: true }));

describe('the labelled conversations', () => {
  it('there are at least 360 cases, 90 pairs of a fact and its change, and a third of the first ones is held out', () => {
    const pairs = all.filter(({ kind, turns }) => kind === 'changes' && turns.length === 2);

    expect(all.length).toBeGreaterThanOrEqual(360);
    expect(pairs.length).toBeGreaterThanOrEqual(90);
    expect(unseen.length / (training.length + unseen.length)).toBeCloseTo(1 / 3, 1);
  });

  it('all parts have every kind', () => {
    const kindsOf = (cases: readonly Case[]) => [...new Set(cases.map(({ kind }) => kind))].sort();

    expect(kindsOf(unseen)).toEqual(kindsOf(training));
    expect(kindsOf(everyday)).toEqual(kindsOf(training));
  });

  it('no id and no conversation is there twice', () => {
    const ids = all.map(({ id }) => id);
    const conversations = all.map(({ turns }) => JSON.stringify(turns));

    expect(new Set(ids).size).toBe(all.length);
    expect(new Set(conversations).size).toBe(all.length);
  });

  it('a case either expects something or teaches nothing', () => {
    const odd = all.filter(({ facts, may, gone, nothing }) =>
      nothing
        ? facts.length + may.length + gone.length > 0
        : !facts.length && !may.length && !gone.length,
    );

    expect(odd.map(({ id }) => id)).toEqual([]);
  });

  it('every turn has a time, and only a change or a retraction makes a fact outdated', () => {
    const odd = all.filter(
      ({ turns, gone }) =>
        turns.some(({ at }) => at === '') || (gone.length > 0 && turns.length < 2),
    );

    expect(odd.map(({ id }) => id)).toEqual([]);
  });

  it('what makes a fact outdated is in the words of an earlier turn', () => {
    const odd = all
      .filter(({ kind }) => kind === 'changes' || kind === 'retractions')
      .filter(({ turns, gone }) => {
        const first = turns[0]?.messages.map(({ content }) => content).join(' ') ?? '';
        return !gone.every(({ all: patterns }) => patterns.some((one) => hasPattern(first, one)));
      });

    expect(odd.map(({ id }) => id)).toEqual([]);
  });
});

describe('a pattern', () => {
  it.each([
    ['User is allergic to nuts.', 'allerg', true],
    ['User likes Malaga.', 'laga', false],
    ['User takes 150 mg.', '50', false],
    ['User takes 50.5 mg.', '50', false],
    ['User gets up at 7:30.', '7', false],
    ['User is in a team.', 'tea ', false],
    ['User likes tea.', 'tea ', true],
    ['User earns $1,450.', '1450', true],
    ['User leaves at 3pm.', '3 pm', true],
    ['User has a café.', 'cafe', true],
    ['User isn’t home.', "n't", true],
    ['User cannot eat soy.', 'not ', true],
    ['我住在成都。', '成都', true],
    ['User has a cat.', 'dog|cat', true],
  ])('"%s" against "%s" is %s', (text, pattern, expected) => {
    expect(hasPattern(text, pattern)).toBe(expected);
  });

  it.each([
    ['on 4 July 2026', '2026-07-04', true],
    ['on July 4th, 2026', '2026-07-04', true],
    ['on the 4th of July 2026', '2026-07-04', true],
    ['on 2026-07-04', '2026-07-04', true],
    ['on 14 July 2026', '2026-07-04', false],
    ['on 4 July', '2026-07-04', false],
    ['on 4 July 2025', '2026-07-04', false],
    ['since March 2026', '2026-03', true],
    ['since March 2025', '2026-03', false],
    ['in 2008', '2008', true],
    ['on Tuesdays', 'tuesday', true],
  ])('"%s" against the date "%s" is %s', (text, date, expected) => {
    expect(hasDate(text, date)).toBe(expected);
  });
});

describe('extractors that do nothing useful', () => {
  const scoreAll = (extract: (said: string[]) => Kept[]) =>
    sumScores(
      all.map((testCase) => {
        const said = testCase.turns.map(({ messages }) => messages.map(({ content }) => content));
        const states = said.map((_, turn) => extract(said.slice(0, turn + 1).flat()));
        return scoreCase(testCase, states);
      }),
    );

  it('an extractor without memories loses every fact and updates none', () => {
    const score = scoreAll(() => []);

    expect(score).toMatchObject({ found: 0, lost: score.facts, updated: 0, extracted: 0 });
  });

  it('an extractor that copies all messages extracts few facts', () => {
    const score = scoreAll(extracted);

    expect(score.right / score.extracted).toBeLessThan(0.5);
    expect(score.found / score.facts).toBeLessThan(0.6);
    expect(score.updated / score.updates).toBeLessThan(0.1);
  });

  it('an extractor that keeps all messages as said loses nothing and extracts nothing', () => {
    const score = scoreAll(asSaid);

    expect(score).toMatchObject({ lost: 0, found: 0, silent: 0 });
    expect(score.updated / score.updates).toBeLessThan(0.1);
  });
});
