import { setImmediate as nextTick } from 'node:timers/promises';
import { parentPort } from 'node:worker_threads';
import { createTurnExtractor, loadLibraries } from './extract-turns.ts';
import type { Command, Report, Step } from './rules-thread.ts';

// Entry of the worker thread that parses texts of users. Any exception ends the thread; rules-thread.ts then starts
// another one without the turn that was being read.
const libraries = await loadLibraries();
const openCalls = new Set<number>();

const report = (message: Report): void => parentPort?.postMessage(message);

/** Runs a step. An exception of the step ends the thread, since its state may be inconsistent. */
const runStep = <T>(call: number, turn: number | undefined, work: () => T): T => {
  const { user, system } = process.threadCpuUsage();
  const cpuMs = (user + system) / 1_000;
  const step: Step = { call, cpuMs, ...(turn !== undefined && { turn }) };
  report({ type: 'begun', step });
  try {
    return work();
  } catch (error) {
    report({ type: 'failed', step });
    throw error;
  }
};

const decide = async ({ call, request, verbatim }: Extract<Command, { type: 'decide' }>) => {
  const extractor = runStep(call, undefined, () => createTurnExtractor(libraries, request));
  for (const turn of request.turns.keys()) {
    // Yields to other calls and to `cancel`.
    await nextTick();
    if (!openCalls.has(call)) return;
    const reason = verbatim.get(turn);
    if (reason === undefined) runStep(call, turn, () => extractor.extract(turn));
    else extractor.keepVerbatim(turn, reason);
  }
  openCalls.delete(call);
  report({ type: 'decided', call, changes: extractor.changes() });
};

parentPort?.on('message', (command: Command) => {
  if (command.type === 'cancel') {
    openCalls.delete(command.call);
    return;
  }
  openCalls.add(command.call);
  decide(command).catch((error: unknown) => {
    setImmediate(() => {
      throw error;
    });
  });
});
report({ type: 'ready' });
