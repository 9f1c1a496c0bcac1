import { setImmediate as nextTick } from 'node:timers/promises';
import { parentPort } from 'node:worker_threads';
import { createLearner, loadTools } from './extract-turns.ts';
import type { Order, Report, Step } from './thread-protocol.ts';

// The thread in which the libraries and the rules read what users wrote. Whatever it throws ends it: its owner sees that,
// knows which turn it was at, and starts another.
const tools = await loadTools();
const open = new Set<number>();

const report = (message: Report): void => parentPort?.postMessage(message);

/** Does a step; when it throws, the thread ends, for who knows what the step has left half done. */
const take = <T>(call: number, turn: number | undefined, work: () => T): T => {
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

const decide = async ({ call, request, kept }: Extract<Order, { type: 'decide' }>) => {
  const learner = take(call, undefined, () => createLearner(tools, request));
  for (const turn of request.turns.keys()) {
    // Other calls have their turn, and one that was given up ends.
    await nextTick();
    if (!open.has(call)) return;
    const reason = kept.get(turn);
    if (reason === undefined) take(call, turn, () => learner.learn(turn));
    else learner.keep(turn, reason);
  }
  open.delete(call);
  report({ type: 'decided', call, changes: learner.changes() });
};

parentPort?.on('message', (order: Order) => {
  if (order.type === 'drop') {
    open.delete(order.call);
    return;
  }
  open.add(order.call);
  decide(order).catch((error: unknown) => {
    setImmediate(() => {
      throw error;
    });
  });
});
report({ type: 'ready' });
