import { expect, it } from 'vitest';
import { fuzz } from '../support/fuzz/fuzz.ts';
import type { FuzzService } from '../support/fuzz/fuzz-service.ts';

const idleMs = 2;
const blockMs = 60;

/** Service whose background work blocks the event loop in the n-th wait for it if `blocks(n)`. */
const serviceWith = (blocks: (wait: number) => boolean): FuzzService => {
  let waits = 0;
  return {
    keys: { full: 'a', foreign: 'b' },
    ids: { next: () => 'id' },
    measure: async () => ({ status: 200, text: '{}', longestIterationMs: idleMs }),
    resourceUsage: async () => ({ heapBytes: 0, items: 0, handles: 0 }),
    backgroundIterationMs: async () => (blocks(waits++) ? blockMs : idleMs),
    close: async () => {},
  } as unknown as FuzzService;
};

const fuzzed = (blocks: (wait: number) => boolean) =>
  fuzz(serviceWith(blocks), { requests: 250, seed: 7 });

it('background work that blocks the event loop each time a request is repeated is a finding', async () => {
  const { findings } = await fuzzed(() => true);

  expect(findings.join()).toContain('leaves work that blocks the event loop for 60 ms of CPU');
});

it('a block that falls on some repetitions of every request, as garbage collection does, is no finding', async () => {
  const { findings, unreproduced } = await fuzzed((wait) => wait % 3 < 2);

  expect(findings).toEqual([]);
  expect(unreproduced).toContain(blockMs);
});
