import { describe, expect, it } from 'vitest';
import { answerSchema } from '../../../shared/adapters/openai/answer-schema.ts';
import { changesOf, withUnchangedTurns } from '../../../shared/adapters/openai/changes.ts';
import type { DecideRequest } from '../../../shared/ports/language-model.ts';
import { atNominalSpeed } from '../../support/machine-speed.ts';

const request: DecideRequest = {
  turns: Array.from({ length: 3 }, () => ({
    messages: [
      { role: 'user', content: 'I no longer like tea, never lived in Oslo, and have no dog.' },
    ],
    observedAt: 0,
    options: {
      infer: true,
      categories: [{ name: 'home', description: 'Where people live' }],
      structuredData: { type: 'object', properties: { drink: { type: 'string' } } },
    },
  })),
  memories: [
    { text: 'User lives in Oslo.', observedAt: 0 },
    { text: 'User has a dog.', observedAt: 0 },
  ],
};

const read = (...changes: { [key: string]: unknown }[]) => changesOf(changes, request);

const changesIn = (...changes: { [key: string]: unknown }[]) => {
  const { changes: made, problem } = read(...changes);
  if (problem !== undefined) throw new Error(problem);
  return withUnchangedTurns(request, made);
};

const add = { turn: 1, op: 'ADD', text: 'User likes tea.' };
const idle = [1, 2, 3].map((turn) => ({ turn, op: 'NONE', reason: 'Small talk.' }));

describe('the schema of an answer', () => {
  it('the schema of an answer requires every key and allows no other', () => {
    for (const isWanted of [false, true]) {
      const text = JSON.stringify(
        answerSchema({ categories: isWanted, data: isWanted, description: isWanted }),
      );
      const { items } = JSON.parse(text).properties.changes;

      expect(items.required).toEqual(Object.keys(items.properties));
      expect(items.additionalProperties).toBe(false);
      expect('categories' in items.properties).toBe(isWanted);
      expect('data' in items.properties).toBe(isWanted);
      expect('title' in items.properties).toBe(isWanted);
    }
  });
});

describe('the changes of an answer', () => {
  it('a change can target an addition of an earlier turn', () => {
    const [, update] = changesIn(add, { turn: 2, op: 'UPDATE', target: 'C1', text: 'No tea.' });

    expect(update).toEqual({ turn: 1, type: 'UPDATE', target: { change: 0 }, text: 'No tea.' });
  });

  it('a reference to an update resolves to the memory that was added or listed first', () => {
    const changes = changesIn(
      add,
      { turn: 1, op: 'UPDATE', target: 'm1', text: 'User lives in Rome.' },
      { turn: 2, op: 'UPDATE', target: 'C1', text: 'User likes coffee.' },
      { turn: 3, op: 'DELETE', target: 'C3' },
      { turn: 3, op: 'UPDATE', target: 'C2', text: 'User lives in Pisa.' },
    );

    expect(changes.map(({ target }) => target)).toEqual([
      undefined,
      { memory: 0 },
      { change: 0 },
      { change: 0 },
      { memory: 0 },
    ]);
  });

  it('every turn without a change gets a NONE', () => {
    const changes = changesIn({ ...add, turn: 2 });

    expect(changes.map(({ turn, type }) => [turn, type])).toEqual([
      [1, 'ADD'],
      [0, 'NONE'],
      [2, 'NONE'],
    ]);
    expect(changes.at(-1)?.reason).toBe('The model found nothing to remember.');
  });

  it('a change keeps only offered categories, each once, in any case', () => {
    const [change] = changesIn({ ...add, categories: ['Home', 'work', 'home'] });

    expect(change?.categories).toEqual(['home']);
  });

  it.each([
    ['JSON text', '{"drink":"tea","sugar":2}', { drink: 'tea' }],
    ['an object', { drink: 'tea' }, { drink: 'tea' }],
    ['text that is no JSON', '{"drink":', undefined],
    ['a value that disagrees with the schema', '{"drink":true}', undefined],
    ['null', null, undefined],
  ])('structured data may be %s', (_, data, expected) => {
    const [change] = changesIn({ ...add, data });

    expect(change?.structuredData).toEqual(expected);
  });

  it('a change leaves out the position of a missing message', () => {
    const [change] = changesIn({ ...add, message: 2 });

    expect(change).toEqual({ turn: 0, type: 'ADD', text: 'User likes tea.' });
  });

  it('the target of an ADD, and a missing target of a NONE, are left out', () => {
    const changes = changesIn(
      { ...add, target: 'M1' },
      { ...idle[1], target: 'M9' },
      { ...idle[2], target: 'M2' },
    );

    expect(changes.map(({ target }) => target)).toEqual([undefined, undefined, { memory: 1 }]);
  });

  it('a bare number targets a memory, and lone surrogates become replacement characters', () => {
    const [change] = changesIn({ turn: 1, op: 'update', target: 2, text: ' a \ud83d ' });

    expect(change).toMatchObject({ target: { memory: 1 }, text: 'a \ufffd' });
  });

  it.each([
    ['no such turn', { ...add, turn: 4 }],
    ['turn 0', { ...add, turn: 0 }],
    ['an ADD without a text', { turn: 1, op: 'ADD', text: null }],
    ['an UPDATE without a target', { turn: 1, op: 'UPDATE', text: 'x' }],
    ['a DELETE of a memory that is not listed', { turn: 1, op: 'DELETE', target: 'M3' }],
    ['a target that is no reference', { turn: 1, op: 'DELETE', target: 'User has a dog.' }],
    ['a target that is no number', { turn: 1, op: 'DELETE', target: 'M' }],
    ['memory 0', { turn: 1, op: 'DELETE', target: 'M0' }],
    ['its own change', { turn: 1, op: 'UPDATE', target: 'C1', text: 'x' }],
    ['no operation', { turn: 1, text: 'x' }],
    ['an operation that there is not', { turn: 1, op: 'MERGE', text: 'x' }],
  ])('an element is unusable: %s', (_, change) => {
    const { usable, problem } = read(change);

    expect(usable).toBe(0);
    expect(problem).toMatch(/^changes\.0: /);
  });

  it('targets count the positions of the answer, unusable elements included', () => {
    const changes = changesOf(
      [
        { turn: 9, op: 'ADD', text: 'x' },
        { turn: 1, op: 'ADD' },
        add,
        { turn: 2, op: 'DELETE', target: 'C3' },
      ],
      request,
    ).changes;

    expect(changes.map(({ type }) => type)).toEqual(['NONE', 'ADD', 'DELETE']);
    expect(changes.at(-1)?.target).toEqual({ change: 1 });
  });

  it('the maximum number of changes is parsed in linear time', () => {
    const many = Array.from({ length: 20_000 }, (_, i) => ({
      turn: 1 + (i % 3),
      op: 'UPDATE',
      target: `M${1 + (i % 2)}`,
      text: `User lives in town ${i}.`,
    }));
    const { system: before, user } = process.threadCpuUsage();

    const { changes } = changesOf(many, request);

    const after = process.threadCpuUsage();
    expect(changes.length).toBe(500);
    const ms = (after.user + after.system - user - before) / 1_000;
    expect(atNominalSpeed(ms)).toBeLessThan(50);
  });

  it.each(['memory 1', 'Memory M1', '[M1]', 'm1', 'memory #1'])('%j is read as M1', (target) => {
    const [change] = changesIn({ turn: 1, op: 'DELETE', target });

    expect(change?.target).toEqual({ memory: 0 });
  });

  it('a second update of a memory in one turn completes the first, or is a memory of its own', () => {
    const update = { turn: 1, op: 'UPDATE', target: 'M1' };
    const [first, fuller, other] = [
      { ...update, text: 'User lives in Rome.' },
      { ...update, text: 'User lives in Rome with a cat.' },
      { ...update, text: 'User works at Opel.' },
    ];

    expect(read(first, fuller).changes).toMatchObject([{ type: 'UPDATE' }, { type: 'UPDATE' }]);
    expect(read(first, other).changes).toMatchObject([
      { type: 'UPDATE', text: first.text },
      { type: 'ADD', text: other.text },
    ]);
  });

  it('a turn may complete what it added itself', () => {
    const changes = changesIn(add, { turn: 1, op: 'UPDATE', target: 'C1', text: `${add.text}!` });

    expect(changes[1]).toMatchObject({ type: 'UPDATE', target: { change: 0 } });
  });

  it.each([
    ['a change of the same turn', [add, { turn: 1, op: 'DELETE', target: 'C1' }]],
    ['a NONE', [...idle.slice(0, 1), { turn: 2, op: 'DELETE', target: 'C1' }]],
    [
      'one memory twice in one turn',
      [
        { turn: 1, op: 'UPDATE', target: 'M1', text: 'x' },
        { turn: 1, op: 'DELETE', target: 'M1' },
      ],
    ],
    [
      'what is already deleted',
      [
        { turn: 1, op: 'DELETE', target: 'M1' },
        { turn: 2, op: 'UPDATE', target: 'M1', text: 'x' },
      ],
    ],
  ])('a change is unusable when its target is %s', (_, changes) => {
    const { changes: made, usable, problem } = read(...changes);

    expect(problem).toMatch(/^changes\.1: /);
    expect([usable, made[1]?.type]).toEqual([1, 'NONE']);
    expect(made[1]?.reason).toMatch(/^A change that the model proposed cannot be used: /);
  });

  it('the problem of an unusable element quotes nothing of the element', () => {
    const result = read({ turn: 'Lisbon', op: 'Lisbon', text: 7, Lisbon: 1 });

    expect(result.problem).toMatch(/^changes\.0: /);
    expect(JSON.stringify(result)).not.toContain('Lisbon');
  });
});
