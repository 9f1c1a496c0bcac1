import { describe, expect, it } from 'vitest';
import type { Case } from '../../bench/extraction/dataset.ts';
import { isCopied, type Kept, scoreCase } from '../../bench/extraction/score.ts';

const extracted = (...texts: string[]): Kept[] => texts.map((text) => ({ text, verbatim: false }));
const asSaid = (...texts: string[]): Kept[] => texts.map((text) => ({ text, verbatim: true }));

/** A case of one message a turn. */
const caseOf = (said: readonly string[], others: Partial<Case>): Case => ({
  id: 'one',
  kind: 'facts',
  turns: said.map((content) => ({ at: '', messages: [{ role: 'user', content }] })),
  facts: [],
  may: [],
  gone: [],
  stays: [],
  secrets: [],
  ...others,
});

const factOf = (patterns: string[], others: object = {}) => ({
  all: patterns,
  none: [],
  dates: [],
  ...others,
});

describe('the score of a case', () => {
  const allergy = caseOf(["im allergic to peanuts, that's it"], {
    facts: [factOf(['allerg', 'peanut'])],
  });

  it.each(['User is allergic to peanuts.', 'User has a peanut allergy.'])(
    '"%s" is right',
    (text) => {
      const score = scoreCase(allergy, [extracted(text)]);

      expect(score).toMatchObject({ right: 1, found: 1, lost: 0, failures: [] });
    },
  );

  it.each([
    'User likes peanuts.',
    "I'm allergic to peanuts.",
    'User rs allergic to peanuts.',
    'Just so u know User is allergic to peanuts.',
    'Is User allergic to peanuts?',
  ])('"%s" is wrong', (text) => {
    expect(scoreCase(allergy, [extracted(text)])).toMatchObject({
      extracted: 1,
      right: 0,
      found: 0,
    });
  });

  it('a fact that no memory has is lost', () => {
    expect(scoreCase(allergy, [[]])).toMatchObject({ found: 0, lost: 1 });
  });

  it('a fact that a later turn has to leave counts as replaced without it, and nothing else of the case counts', () => {
    const stays = caseOf(['I pay 80', 'my brother pays 90'], { stays: [factOf(['80'])] });

    const left = scoreCase(stays, [
      extracted('User pays 80.'),
      extracted('User pays 80.', 'Any other text.'),
    ]);
    const replaced = scoreCase(stays, [extracted('User pays 80.'), extracted('User pays 90.')]);

    expect(left).toMatchObject({ unrelated: 1, replaced: 0, extracted: 0, verbatim: 0 });
    expect(replaced).toMatchObject({ unrelated: 1, replaced: 1 });
  });

  it('a fact that was kept as said is neither extracted nor lost', () => {
    const kept = asSaid("im allergic to peanuts, that's it");

    expect(scoreCase(allergy, [kept])).toMatchObject({
      extracted: 0,
      verbatim: 1,
      found: 0,
      lost: 0,
    });
  });

  it('a fact in the mouth of another person is wrong', () => {
    const mail = caseOf(['Bob: I live in Oslo'], {
      kind: 'others',
      facts: [factOf(['bob', 'oslo'], { none: ['user lives'] })],
    });

    expect(scoreCase(mail, [extracted('User lives in Oslo.')])).toMatchObject({
      right: 0,
      found: 0,
    });
    expect(scoreCase(mail, [extracted('Bob lives in Oslo.')])).toMatchObject({
      right: 1,
      found: 1,
    });
  });

  it('a memory of small talk is wrong, also as said', () => {
    const thanks = caseOf(['thanks!'], { kind: 'small talk', nothing: true });

    expect(scoreCase(thanks, [[]])).toMatchObject({ silent: 1, failures: [] });
    expect(scoreCase(thanks, [extracted('User is thankful.')])).toMatchObject({
      silent: 0,
      right: 0,
    });
    expect(scoreCase(thanks, [asSaid('thanks!')]).silent).toBe(0);
  });

  it('a memory with a secret is wrong', () => {
    const pin = caseOf(['my pin is 7294'], {
      kind: 'credentials',
      facts: [factOf(['pin'])],
      secrets: ['7294'],
    });

    expect(scoreCase(pin, [extracted("User's PIN is 7294.")])).toMatchObject({
      right: 0,
      leaks: 1,
    });
    expect(scoreCase(pin, [asSaid('my pin is 7294')]).leaks).toBe(1);
    expect(scoreCase(pin, [extracted('User has a PIN.')])).toMatchObject({ right: 1, leaks: 0 });
  });
});

describe('the score of a date', () => {
  const booking = caseOf(['I booked a hotel for July 4th'], {
    kind: 'dates',
    facts: [factOf(['hotel'], { dates: ['2026-07-04'] })],
  });

  it('a wrong date makes the memory wrong, and the fact is found all the same', () => {
    const wrong = scoreCase(booking, [extracted('User booked a hotel for 4 July 2025.')]);

    expect(wrong).toMatchObject({ right: 0, found: 1, dated: 1, dates: 0 });
  });

  it('a fact without a memory has no date to count', () => {
    expect(scoreCase(booking, [[]])).toMatchObject({ found: 0, dated: 0, dates: 0 });
  });

  it('a habit must not become one day', () => {
    const habit = caseOf(['i run on tuesdays'], {
      facts: [factOf(['run'], { dates: ['tuesday'], recurring: true })],
    });

    expect(scoreCase(habit, [extracted('User runs on Tuesdays.')]).dates).toBe(1);
    expect(scoreCase(habit, [extracted('User runs on Tuesday 1 December 2026.')]).dates).toBe(0);
  });
});

describe('the score of a change', () => {
  const dose = caseOf(['I take 20 mg of it', 'up to 40 mg now'], {
    kind: 'changes',
    facts: [factOf(['40'])],
    gone: [{ all: ['20 mg'] }],
  });
  const before = extracted('User takes 20 mg.');

  it('a memory that was updated is current', () => {
    expect(scoreCase(dose, [before, extracted('User takes 40 mg.')])).toMatchObject({
      updates: 1,
      updated: 1,
      right: 1,
    });
  });

  it('an outdated memory beside the new one is wrong', () => {
    const after = extracted('User takes 20 mg.', 'User takes 40 mg.');

    expect(scoreCase(dose, [before, after])).toMatchObject({ updated: 0, extracted: 2, right: 1 });
  });

  it('a deletion without the new fact is no update', () => {
    expect(scoreCase(dose, [before, []])).toMatchObject({ updated: 0, lost: 1 });
  });

  it('a fact that was never known cannot be updated', () => {
    expect(scoreCase(dose, [[], extracted('User takes 40 mg.')]).updated).toBe(0);
  });

  it('a memory may name what is no longer true', () => {
    const after = extracted('User takes 40 mg.', 'User no longer takes 20 mg.');

    expect(scoreCase(dose, [before, after])).toMatchObject({ updated: 1, right: 2 });
  });

  it('a retraction needs no other fact', () => {
    const vegan = caseOf(["I'm vegan", 'not vegan anymore'], { gone: [{ all: ['vegan'] }] });
    const known = extracted('User is vegan.');

    expect(scoreCase(vegan, [known, []]).updated).toBe(1);
    expect(scoreCase(vegan, [known, known]).updated).toBe(0);
  });
});

describe('a copy of a message', () => {
  const german = caseOf(['Ich arbeite bei Siemens.'], { kind: 'languages' });
  const note = caseOf(['Dana is lactose intolerant.'], { kind: 'notes' });
  const long = caseOf([`${'The sea was calm that day. '.repeat(40)}I like salt.`], {
    kind: 'long',
  });

  it.each([
    [german, 'Ich arbeite bei Siemens.', true],
    [german, 'User said: "Ich arbeite bei Siemens."', true],
    [note, 'Dana is lactose intolerant.', false],
    [long, 'The sea was calm that day. '.repeat(20), true],
    [long, 'User likes salt.', false],
  ])('%# is recognized', (testCase, text, expected) => {
    expect(isCopied(testCase, text)).toBe(expected);
  });
});
