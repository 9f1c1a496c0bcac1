import { describe, expect, it } from 'vitest';
import { parse } from '../../../functions/api/http/parse.ts';
import { AddBody } from '../../../functions/api/mem0/schema.ts';
import {
  historyBody,
  memoryBody,
  scoredBody,
  turnOf,
} from '../../../functions/api/mem0/translate.ts';
import type { MemoryView } from '../../../shared/domain/memory/memory.ts';

const winter = Date.parse('2026-01-15T10:30:00Z');

const turn = (options: object) =>
  turnOf(
    parse(AddBody, { messages: [{ role: 'user', content: 'Hi' }], user_id: 'a', ...options }),
    winter,
  );

const view: MemoryView = {
  id: '01990000-0000-7000-8000-000000000001',
  text: 'Likes tea',
  rough: false,
  entities: { user: 'alice', run: 'r1' },
  attributedTo: 'user',
  metadata: { camelKey: 1 },
  categories: ['drinks'],
  createdAt: Date.parse('2026-01-15T10:30:00Z'),
  updatedAt: Date.parse('2026-01-16T10:30:00Z'),
  observedAt: Date.parse('2026-01-15T10:30:00Z'),
  immutable: false,
  lineage: [],
  version: 1,
  validFrom: Date.parse('2026-01-15T10:30:00Z'),
};

describe('the clock of the caller', () => {
  it.each([
    [{ timezone: 'Europe/Berlin' }, 60],
    [{ timezone: 'Europe/Berlin', timestamp: '2026-07-01T12:00:00Z' }, 120],
    [{ timestamp: '2026-07-01T12:00:00-07:00' }, -420],
    [{ timestamp: '2026-07-01T12:00:00+05:30' }, 330],
    [{ timestamp: '2026-07-01T12:00:00Z' }, undefined],
    [{ timestamp: 1_780_000_000 }, undefined],
  ])('%j is so many minutes ahead of UTC: %j', (times, offset) => {
    expect(turn(times).options?.utcOffset).toBe(offset);
  });
});

describe('an add becomes a turn', () => {
  it('an add becomes a turn with nothing but its messages', () => {
    expect(turn({})).toEqual({
      entities: { user: 'a' },
      messages: [{ role: 'user', content: 'Hi' }],
      metadata: {},
      options: { infer: true },
    });
  });

  it('an add with null and unknown fields becomes a turn', () => {
    const nothing = { agent_id: null, metadata: null, infer: null, timestamp: null, rerank: true };

    expect(turn(nothing)).toEqual(turn({}));
  });

  it('an add becomes a turn with the first given time', () => {
    const times = { observation_date: '2023-01-01', observation_datetime: '2022-01-01T12:00:00Z' };

    expect(turn({ ...times, timestamp: 1_700_000_000 }).observedAt).toBe(1_700_000_000_000);
    expect(turn(times).observedAt).toBe(Date.parse('2022-01-01T12:00:00Z'));
  });

  it('an add becomes a turn with deduced memories only if infer is false', () => {
    const deduced_memories = ['Likes tea'];

    expect(turn({ deduced_memories }).options).toEqual({ infer: true });
    expect(turn({ deduced_memories, infer: false }).options).toEqual({
      infer: false,
      verbatim: deduced_memories,
    });
  });
});

describe('a memory is shown', () => {
  it('a memory is shown with both names of its run, and null for missing ids', () => {
    expect(memoryBody(view)).toEqual({
      id: view.id,
      memory: 'Likes tea',
      user_id: 'alice',
      agent_id: null,
      app_id: null,
      run_id: 'r1',
      session_id: 'r1',
      metadata: { camelKey: 1 },
      categories: ['drinks'],
      created_at: '2026-01-15T10:30:00.000Z',
      updated_at: '2026-01-16T10:30:00.000Z',
      feedback: null,
      feedback_reason: null,
      expiration_date: null,
      type: 'refined',
      kind: 'fact',
      actor: 'user',
      structured_attributes: expect.objectContaining({ year: 2026, day_of_week: 'thursday' }),
      immutable: false,
      replaced_by: null,
      synthesized: false,
      lifecycle_state: 'active',
    });
  });

  it('a memory is shown as rough, with the event to wait for', () => {
    expect(memoryBody({ ...view, rough: true, event: 'e', turnState: 'failed' })).toMatchObject({
      type: 'rough',
      stage: 'failed',
      event_id: 'e',
    });
  });

  it('a memory is shown with further runs that stated the same', () => {
    expect(memoryBody({ ...view, extraEntities: [{ kind: 'run', id: 'r2' }] })).toMatchObject({
      run_id: 'r1',
      also: [{ run_id: 'r2' }],
    });
  });

  it('a memory is shown with its score and the parts of the score', () => {
    const parts = {
      semantic: 0.7,
      bm25: 0.4,
      entity: 1,
      coverage: 0.5,
      identifiers: 1,
      rareWords: 2,
      context: 0.1,
    };

    expect(scoredBody({ ...view, score: 0.8, parts })).toMatchObject({
      score: 0.8,
      score_breakdown: {
        semantic: 0.7,
        bm25: 0.4,
        entity: 1,
        coverage: 0.5,
        identifiers: 1,
        rare_words: 2,
        context: 0.1,
      },
    });
  });

  it('a memory is shown in its history without erased texts', () => {
    const revision = {
      memory: view.id,
      version: 3,
      type: 'DELETE' as const,
      metadata: {},
      createdAt: 0,
      input: [],
      entities: view.entities,
      categories: [],
    };

    expect(historyBody([revision])[0]).toMatchObject({
      memory_id: view.id,
      event: 'DELETE',
      old_memory: null,
      new_memory: null,
      created_at: '1970-01-01T00:00:00.000Z',
    });
  });
});
