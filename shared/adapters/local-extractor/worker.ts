import { setImmediate as nextTick } from 'node:timers/promises';
import { parentPort } from 'node:worker_threads';
import { createLearner, loadTools } from './learn-turns.ts';
import type { Order, Report } from './thread-protocol.ts';

// The thread in which the libraries and the rules read what users wrote. Whatever it throws ends it: its owner sees that,
// knows which turn it was at, and starts another.
const tools = await loadTools();
const open = new Set<number>();

const report = (message: Report): void => parentPort?.postMessage(message);

const begin = (call: number, turn?: number): void => {
  const { user, system } = process.threadCpuUsage();
  const cpuMs = (user + system) / 1_000;
  report({ type: 'begun', step: { call, cpuMs, ...(turn !== undefined && { turn }) } });
};

const decide = async ({ call, request, kept }: Extract<Order, { type: 'decide' }>) => {
  begin(call);
  const learner = createLearner(tools, request);
  for (const turn of request.turns.keys()) {
    // Other calls have their turn, and one that was given up ends.
    await nextTick();
    if (!open.has(call)) return;
    const reason = kept.get(turn);
    if (reason === undefined) {
      begin(call, turn);
      learner.learn(turn);
    } else learner.keep(turn, reason);
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
