import { describe, expect, it } from 'vitest';
import { newMemory } from '../../../shared/core/refine/memory-versions.ts';
import { planChanges } from '../../../shared/core/refine/planner.ts';
import type { Turn } from '../../../shared/domain/memory/turn.ts';
import type { ProposedChange } from '../../../shared/ports/language-model.ts';
import { atNominalSpeed } from '../../support/machine-speed.ts';

const turnOf = (id: string, messages: readonly string[]): Turn => ({
  id,
  project: 'p',
  event: `e${id}`,
  scope: 'user#ada',
  entities: { user: 'ada' },
  messages: messages.map((content) => ({ role: 'user', content })),
  metadata: {},
  options: { infer: true },
  createdAt: 0,
  observedAt: 0,
  state: 'pending',
});

const memories = Array.from({ length: 24 }, (_, at) =>
  newMemory(
    turnOf('0', ['.']),
    `m${at}`,
    { text: `Ada likes thing ${at}.`, source: 0, attributedTo: 'user' },
    0,
  ),
);

/** Plans one turn. Returns its changes and the CPU time in ms. */
const plan = (turn: Turn, proposals: readonly ProposedChange[]) => {
  let id = 0;
  const newId = () => `n${id++}`;
  const before = process.threadCpuUsage();
  const [changes = []] = planChanges([turn], memories, proposals, newId);
  const { user, system } = process.threadCpuUsage(before);
  return { changes, cpuMs: atNominalSpeed((user + system) / 1_000) };
};

describe('a plan of thousands of proposals', () => {
  const many = Array.from({ length: 20_000 }, (_, at) => at);

  it.each<[string, (at: number) => ProposedChange]>([
    ['additions', (at) => ({ turn: 0, type: 'ADD', text: `Ada owns book ${at}.`, message: 0 })],
    ['confirmations', (at) => ({ turn: 0, type: 'NONE', target: { memory: at % 24 } })],
    [
      'changes of the same memories',
      (at) => ({
        turn: 0,
        type: 'UPDATE',
        text: `Ada likes tea ${at}.`,
        message: 0,
        target: { memory: at % 24 },
      }),
    ],
    [
      'repetitions',
      (at) => ({ turn: 0, type: 'ADD', text: `Ada owns book ${at % 7}.`, message: 0 }),
    ],
  ])('a plan of thousands of %s is made in linear time', (_, proposal) => {
    const { changes, cpuMs } = plan(turnOf('1', ['Much.']), many.map(proposal));

    expect(changes.length).toBeGreaterThan(6);
    expect(cpuMs).toBeLessThan(1_500);
  });

  it('the source messages of thousands of proposals are found in linear time', () => {
    const turn = turnOf(
      '1',
      Array.from({ length: 500 }, (_, at) => `I own book ${at}.`),
    );
    const proposals = many.slice(0, 2_000).map(
      (at): ProposedChange => ({
        turn: 0,
        type: 'ADD',
        text: `Ada owns book ${at % 500} since ${at}.`,
      }),
    );

    const { changes, cpuMs } = plan(turn, proposals);

    expect(changes[7]).toMatchObject({ source: 7 });
    expect(cpuMs).toBeLessThan(1_500);
  });
});
