import { beforeAll, describe, expect, it } from 'vitest';
import type { Plan, Run } from '../../../functions/console/app/simulation.ts';
import { createRun } from '../../../functions/console/proof/run.ts';
import {
  kindsOfGroup,
  visitorScenario,
} from '../../../functions/console/proof/visitor-scenario.ts';
import { runSchedule } from '../../support/simulation/run-schedule.ts';

const plan = (seed: number, changes: Partial<Plan> = {}): Plan => ({
  seed,
  actions: [],
  isBroken: false,
  ...changes,
});

const toEnd = async (run: Run): Promise<void> => {
  while (await run.advance());
};

/** Runs to the end. Returns the adds that were lost at any step. */
const lostIn = async (run: Run): Promise<string[]> => {
  const lost = new Set<string>();
  for (let goesOn = true; goesOn; ) {
    goesOn = await run.advance();
    for (const { state, text } of run.state().adds) if (state === 'lost') lost.add(text);
  }
  return [...lost];
};

describe('a run that a visitor watches', () => {
  it.each([5, 22])(
    'after no step of seed %i is an acknowledged add lost or an invariant violated',
    async (seed) => {
      const run = createRun(plan(seed));

      const lost = await lostIn(run);

      const { phase, invariants, adds } = run.state();
      expect([lost, phase]).toEqual([[], 'proved']);
      expect(invariants.flatMap(({ violations }) => violations)).toEqual([]);
      expect(adds.length).toBeGreaterThan(3);
    },
  );

  it('what the visitor does is part of the plan: its actions repeat the run', async () => {
    const run = createRun(plan(10));
    for (let steps = 0; steps < 40; steps++) await run.advance();
    const actions = [run.act('crash'), run.act('queue')];
    await toEnd(run);

    const again = createRun(plan(10, { actions }));
    await toEnd(again);

    expect(actions).toEqual([
      { step: 40, what: 'crash' },
      { step: 40, what: 'queue' },
    ]);
    expect(again.state().digest).toBe(run.state().digest);
    expect(again.newest(10_000, false).filter(({ kind }) => kind === 'action')).toHaveLength(2);
  });

  it('a group of faults that is off does not occur, and the others still do', async () => {
    const off = ['crashes', 'database', 'queue', 'index', 'model'] as const;
    const run = createRun(plan(10, { actions: off.map((what) => ({ step: 0, what })) }));

    const lost = await lostIn(run);

    const { faults } = run.state();
    expect(off.map((group) => faults[group])).toEqual(off.map(() => ({ isOn: false, count: 0 })));
    expect(faults.duplicates.isOn).toBe(true);
    expect(faults.duplicates.count).toBeGreaterThan(0);
    expect(lost).toEqual([]);
  });

  it('a defect of the protocol shows: the adds, an invariant and the end of the run say so', async () => {
    const run = createRun(plan(7, { isBroken: true }));

    const lost = await lostIn(run);

    const { phase, invariants } = run.state();
    expect(phase).toBe('violated');
    expect(lost.length).toBeGreaterThan(0);
    expect(invariants[0]?.violations[0]).toContain('a search of user u');
    expect(await run.advance()).toBe(false);
  });
});

describe('a run to its end', () => {
  const run = createRun(plan(7));
  beforeAll(() => toEnd(run));

  it('every invariant was checked', () => {
    const { invariants, phase } = run.state();

    expect(invariants.filter(({ checks }) => checks === 0)).toEqual([]);
    expect(phase).toBe('proved');
  });

  it('the searches after each step changed nothing of the steps', async () => {
    const alone = await runSchedule(7, visitorScenario);

    const { step, faults } = run.state();
    expect(step).toBe(alone.steps);
    expect(faults.queue.count).toBe(
      kindsOfGroup.queue.reduce((sum, kind) => sum + (alone.faults.get(kind) ?? 0), 0),
    );
  });

  it('the same seed repeats its steps, and another seed takes others', async () => {
    const [again, other] = [createRun(plan(7)), createRun(plan(10))];
    await Promise.all([toEnd(again), toEnd(other)]);

    const { digest } = run.state();
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(again.state().digest).toBe(digest);
    expect(other.state().digest).not.toBe(digest);
  });

  it('the timeline says what happened in plain words, without keys and ids', () => {
    const entries = run.newest(10_000, true);

    expect(entries.length).toBeGreaterThan(1_000);
    expect(entries.filter(({ text }) => /[#~{]|\bundefined\b/.test(text))).toEqual([]);
    expect(new Set(entries.map(({ kind }) => kind))).toEqual(
      new Set(['quiet', 'write', 'call', 'answer', 'fault', 'crash']),
    );
    expect(run.newest(10_000, false)).toHaveLength(run.loudEntries());
  });
});
