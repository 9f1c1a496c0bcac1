import { setImmediate as nextTick } from 'node:timers/promises';
import { parentPort, threadId } from 'node:worker_threads';
import type { Command, Report } from '../../shared/adapters/local-extractor/rules-thread.ts';

// Worker with the protocol of rules-thread.ts, without libraries: answers each turn with the id of its thread. Some texts
// never end, use all memory, or end the thread.
const report = (message: Report): void => parentPort?.postMessage(message);

/** Allocates slowly: at a few megabytes per millisecond of CPU time no supervisor could react. */
const takeMemory = (): void => {
  const numbers: number[][] = [];
  for (;;) {
    numbers.push(Array.from({ length: 1_000 }, (_, i) => i + 0.5));
    for (let i = 0; i < 100_000; i += 1) Math.random();
  }
};

/** Computes without end and without an allocation, which could exceed the memory limit first. */
const computeForEver = (): never => {
  for (let count = 0; ; ) count = (count + 1) % 1_000;
};

const read = (text: string): void => {
  if (text === 'for ever') computeForEver();
  if (text === 'all memory') takeMemory();
  if (text === 'exit') process.exit(1);
  if (text === 'throw') throw new Error('out of order');
};

const decide = async ({ call, request, verbatim }: Extract<Command, { type: 'decide' }>) => {
  const texts: string[] = [];
  for (const [turn, { messages }] of request.turns.entries()) {
    await nextTick();
    const text = messages[0]?.content ?? '';
    const reason = verbatim.get(turn);
    if (reason === undefined) {
      const { user, system } = process.threadCpuUsage();
      const step = { call, turn, cpuMs: (user + system) / 1_000 };
      report({ type: 'begun', step });
      try {
        read(text);
      } catch (error) {
        report({ type: 'failed', step });
        throw error;
      }
    }
    texts.push(reason ?? `read by thread ${threadId}`);
  }
  const changes = texts.map((reason, turn) => ({ turn, type: 'NONE' as const, reason }));
  report({ type: 'decided', call, changes });
};

parentPort?.on('message', (command: Command) => {
  if (command.type !== 'decide') return;
  decide(command).catch((error: unknown) => {
    setImmediate(() => {
      throw error;
    });
  });
});
report({ type: 'ready' });
