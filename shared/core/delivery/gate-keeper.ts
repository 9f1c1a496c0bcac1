import type { Endpoint } from '../../domain/endpoint.ts';
import type { Gate } from '../../domain/gate.ts';
import type { Backstage } from '../../ports/platform.ts';
import type { Step, Store } from '../../ports/store.ts';
import { type GateView, type Order, settle } from './gate-batch.ts';

/** What a change makes of a gate and its endpoint, what is to be written together with it, and what its caller is told. */
export interface GateChanged<A> {
  gate: Gate;
  /** When its own steps change or remove the endpoint. */
  endpoint?: Endpoint | undefined;
  steps?: readonly Step[];
  answer: A;
}

/** Pure: it may be asked several times, each time on a newer gate. */
export type GateChange<A> = (view: GateView) => GateChanged<A>;

/** `refused`: a condition of its own steps did not hold. `gone`: there is no such gate. */
export type GateOutcome<A> =
  | { outcome: 'done'; answer: A; gate: Gate }
  | { outcome: 'refused' }
  | { outcome: 'gone' };

/** A transaction holds a hundred steps, one of which is the gate. */
const maxSteps = 99;

/** Changes of one gate that this process waits to make, while it makes others. */
const lines = new WeakMap<Store, Map<string, Order[]>>();

const nextBatch = (line: Order[]): Order[] => {
  let steps = 0;
  const end = line.findIndex(({ size }) => {
    steps += size;
    return steps > maxSteps;
  });
  return line.splice(0, end < 0 ? line.length : end);
};

/** Never rejects: whoever waits for a change is told. `end` is called before anyone else can join. */
const work = async (
  platform: Backstage,
  project: string,
  id: string,
  line: Order[],
  end: () => void,
): Promise<void> => {
  // Those who ask in the same breath share a transaction.
  await undefined;
  while (line.length > 0) {
    const batch = nextBatch(line);
    try {
      await settle(platform, project, id, batch);
    } catch (error) {
      for (const order of batch) order.fail(error);
    }
  }
  end();
};

const orderOf = <A>(
  change: GateChange<A>,
  size: number,
  resolve: (outcome: GateOutcome<A>) => void,
  fail: (error: unknown) => void,
): Order => ({
  size,
  apply(view) {
    const changed = change(view);
    const { gate, steps = [], answer } = changed;
    return {
      gate,
      endpoint: 'endpoint' in changed ? changed.endpoint : view.endpoint,
      steps,
      done: (written) => resolve({ outcome: 'done', answer, gate: written }),
    };
  },
  end: (outcome) => resolve({ outcome }),
  fail,
});

/**
 * Changes an endpoint's gate, and whatever is to change with it, in one transaction on condition of the gate's version.
 * Changes that meet in one process share a transaction, so that a busy endpoint costs few. Everyone who parks, admits,
 * resumes or closes goes through here, so none of them acts on a gate that another has moved.
 * @param size steps the change brings at most
 */
export const changeGate = async <A>(
  platform: Backstage,
  project: string,
  endpoint: string,
  change: GateChange<A>,
  size = 2,
): Promise<GateOutcome<A>> => {
  const waiting = lines.get(platform.store) ?? new Map<string, Order[]>();
  lines.set(platform.store, waiting);
  const name = `${project} ${endpoint}`;
  const line = waiting.get(name);
  const orders = line ?? [];
  const outcome = new Promise<GateOutcome<A>>((resolve, reject) => {
    orders.push(orderOf(change, size, resolve, reject));
  });
  if (!line) {
    waiting.set(name, orders);
    void work(platform, project, endpoint, orders, () => waiting.delete(name));
  }
  return outcome;
};
