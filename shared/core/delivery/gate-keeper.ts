import type { Endpoint } from '../../domain/endpoint.ts';
import { type Gate, wakeAt } from '../../domain/gate.ts';
import type { Item } from '../../domain/items.ts';
import { endpointKey, gateKey } from '../../domain/keys.ts';
import type { Backstage } from '../../ports/platform.ts';
import type { Step, Store } from '../../ports/store.ts';
import { commit } from '../commit.ts';
import { gateIsAt } from '../conditions.ts';
import { hint } from '../hint.ts';
import { put } from '../steps.ts';

/** A gate as it stands, and the endpoint behind it; none when that was deleted. */
export interface GateView {
  gate: Gate;
  endpoint: Endpoint | undefined;
  now: number;
}

/** What a change makes of a gate, what is to be written together with it, and what its caller is told. */
export interface GateChanged<A> {
  gate: Gate;
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

/** A change that waits for its turn, without the type of its answer. */
interface Order {
  /** Decides; what it returns is to be written, then `done` told. */
  apply(view: GateView): { gate: Gate; steps: readonly Step[]; done: (written: Gate) => void };
  end(outcome: 'refused' | 'gone'): void;
  fail(error: unknown): void;
}

interface Line {
  orders: Order[];
  isWorking: boolean;
}

/** A change brings at most two steps, and a transaction holds a hundred. */
const maxBatch = 45;
/** Farther away than this only the due time counts. */
const longestHintMs = 900_000;

const lines = new WeakMap<Store, Map<string, Line>>();

const lineOf = (store: Store, name: string): Line => {
  const all = lines.get(store) ?? new Map<string, Line>();
  lines.set(store, all);
  const line = all.get(name) ?? { orders: [], isWorking: false };
  all.set(name, line);
  return line;
};

const withoutMarks = ({
  dueAt: _,
  expiresAt: __,
  listPk: ___,
  listSk: ____,
  ...gate
}: Item<'GATE'>): Gate => gate;

interface Decided {
  gate: Gate;
  steps: Step[];
  /** Whose each step is. */
  owners: Order[];
  ready: { order: Order; done: (written: Gate) => void }[];
}

/** Asks each order in turn; one that writes what another of the batch writes has come too late. */
const decide = (orders: readonly Order[], view: GateView): Decided => {
  const decided: Decided = { gate: view.gate, steps: [], owners: [], ready: [] };
  const written = new Set<string>();
  for (const order of orders) {
    const { gate, steps, done } = order.apply({ ...view, gate: decided.gate });
    const names = steps.map(({ key }) => `${key.pk} ${key.sk}`);
    if (names.some((name) => written.has(name))) {
      order.end('refused');
      continue;
    }
    for (const name of names) written.add(name);
    decided.gate = gate;
    decided.steps.push(...steps);
    decided.owners.push(...steps.map(() => order));
    decided.ready.push({ order, done });
  }
  return decided;
};

/** The gate is read before its endpoint: who resumes an endpoint writes both, so a stale pause is never acted upon. */
const view = async ({ store, clock }: Backstage, project: string, id: string) => {
  const item = await store.get(gateKey(project, id));
  const endpoint = await store.get(endpointKey(project, id));
  return { item, endpoint, now: clock.now() };
};

const write = async (
  platform: Backstage,
  before: Item<'GATE'>,
  decided: Decided,
  due: number | undefined,
) => {
  const { project, endpoint, version } = before;
  const gate = { ...decided.gate, version: version + 1 };
  const item = { ...gate, ...(due === undefined ? {} : { dueAt: due }) };
  const result = await commit(platform, [
    put(gateKey(project, endpoint), item, gateIsAt(version)),
    ...decided.steps,
  ]);
  return { gate, result };
};

/** Sees a batch through; orders whose own conditions do not hold are left out, a gate that moved on is read again. */
const settle = async (
  platform: Backstage,
  project: string,
  id: string,
  batch: readonly Order[],
): Promise<void> => {
  let left = batch;
  while (left.length > 0) {
    const { item, endpoint, now } = await view(platform, project, id);
    if (!item) {
      for (const order of left) order.end('gone');
      return;
    }
    const before = withoutMarks(item);
    const decided = decide(left, { gate: before, endpoint, now });
    left = decided.ready.map(({ order }) => order);
    if (decided.gate === before && decided.steps.length === 0) {
      for (const { done } of decided.ready) done(before);
      return;
    }
    const due = wakeAt(decided.gate, endpoint, now);
    const { gate, result } = await write(platform, item, decided, due);
    if (result.committed) {
      for (const { done } of decided.ready) done(gate);
      if (due !== undefined && due !== item.dueAt && due - now <= longestHintMs)
        await hint(platform, [{ v: 1, kind: 'gate', project, endpoint: id }], due - now);
      return;
    }
    const refused = new Set(result.refusals.flatMap(({ step }) => decided.owners[step - 1] ?? []));
    for (const order of refused) order.end('refused');
    left = left.filter((order) => !refused.has(order));
  }
};

const work = async (platform: Backstage, project: string, id: string, line: Line) => {
  while (line.orders.length > 0) {
    const batch = line.orders.splice(0, maxBatch);
    try {
      await settle(platform, project, id, batch);
    } catch (error) {
      for (const order of batch) order.fail(error);
    }
  }
};

/**
 * Changes an endpoint's gate, and whatever is to change with it, in one transaction on condition of the gate's version.
 * Changes that meet in one process share a transaction, so that a busy endpoint costs few. Everyone who parks, admits,
 * resumes or closes goes through here, so none of them acts on a gate that another has moved.
 */
export const changeGate = async <A>(
  platform: Backstage,
  project: string,
  endpoint: string,
  change: GateChange<A>,
): Promise<GateOutcome<A>> => {
  const name = `${project} ${endpoint}`;
  const line = lineOf(platform.store, name);
  const outcome = new Promise<GateOutcome<A>>((resolve, reject) => {
    line.orders.push({
      apply(seen) {
        const { gate, steps = [], answer } = change(seen);
        return {
          gate,
          steps,
          done: (written) => resolve({ outcome: 'done', answer, gate: written }),
        };
      },
      end: (how) => resolve({ outcome: how }),
      fail: reject,
    });
  });
  if (!line.isWorking) {
    line.isWorking = true;
    try {
      await work(platform, project, endpoint, line);
    } finally {
      line.isWorking = false;
      lines.get(platform.store)?.delete(name);
    }
  }
  return outcome;
};
