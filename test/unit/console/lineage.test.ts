import { describe, expect, it } from 'vitest';
import type { Memory, Revision } from '../../../functions/console/app/answers.ts';
import { lineageOf } from '../../../functions/console/app/lineage.ts';

const memory: Memory = {
  id: 'm',
  memory: 'User lives in Seattle.',
  metadata: {},
  categories: [],
  created_at: '2026-01-01T00:00:00Z',
  updated_at: '2026-01-02T00:00:00Z',
  type: 'refined',
};

const revision = (
  version: number,
  said: string,
  text: string | null,
  event = 'UPDATE',
): Revision => ({
  id: `m:${version}`,
  memory_id: 'm',
  input: said === '' ? [] : [{ role: 'user', content: said }],
  old_memory: null,
  new_memory: text,
  event,
  created_at: `2026-01-0${version + 1}T00:00:00Z`,
});

const moved = [
  revision(0, 'I live in Oslo.', 'user: I live in Oslo.', 'ADD'),
  revision(1, 'I live in Oslo.', 'User lives in Oslo.'),
  revision(2, 'I moved to Seattle.', 'User lives in Seattle.'),
];

const kindsOf = (...[of, history]: Parameters<typeof lineageOf>): [string, string[]][] =>
  lineageOf(of, history).map(({ said, led }) => [said, led.map(({ kind }) => kind)]);

describe('the lineage of a memory', () => {
  it('each turn leads to what it made: rough, refined, changed', () => {
    expect(kindsOf(memory, moved)).toEqual([
      ['user: I live in Oslo.', ['rough', 'refined']],
      ['user: I moved to Seattle.', ['changed']],
    ]);
  });

  it('a version that was superseded ends with the memory that replaced it', () => {
    const closed = { ...memory, id: 'm.v1', lifecycle_state: 'superseded', replaced_by: 'm' };

    const steps = lineageOf(closed, moved);

    expect(kindsOf(closed, moved)).toEqual([
      ['user: I live in Oslo.', ['rough', 'refined', 'replaced']],
    ]);
    expect(steps[0]?.led.at(-1)).toMatchObject({ text: 'm', memory: 'm' });
  });

  it('a memory that was taken back ends there', () => {
    const retracted = {
      ...memory,
      lifecycle_state: 'retracted',
      valid_until: '2026-01-05T00:00:00Z',
    };

    expect(lineageOf(retracted, moved).at(-1)?.led.at(-1)).toEqual({
      kind: 'retracted',
      text: 'No longer true',
      at: '2026-01-05T00:00:00Z',
    });
  });

  it('an edit has no words that led to it, and lost words are said to be lost', () => {
    const history = [...moved, revision(3, '', null)];

    expect(lineageOf(memory, history).at(-1)).toMatchObject({
      said: '',
      led: [{ kind: 'changed', text: 'The words are no longer kept.' }],
    });
  });

  it('what else the turn became is linked, also without a history', () => {
    const alias = { ...memory, also_became: ['other'] };

    expect(lineageOf(alias, [])).toEqual([
      {
        said: '',
        at: memory.created_at,
        led: [{ kind: 'also', text: 'other', memory: 'other' }],
      },
    ]);
  });

  it('a deletion is a state of its own', () => {
    expect(kindsOf(memory, [revision(1, 'Bye.', null, 'DELETE')])).toEqual([
      ['user: Bye.', ['deleted']],
    ]);
  });
});
