import type { Endpoint } from '../../domain/endpoint.ts';
import { type Gate, type Wake, wakeOf } from '../../domain/gate.ts';
import type { Item } from '../../domain/items.ts';
import { endpointKey, gateKey } from '../../domain/keys.ts';
import type { Backstage } from '../../ports/platform.ts';
import type { Refusal, Step } from '../../ports/store.ts';
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

/** A change of a gate that waits to be made, without the type of its answer. */
export interface Order {
  /** Steps it brings at most. */
  size: number;
  /** Pure but for `done`, which is called once it is written. */
  apply(view: GateView): {
    gate: Gate;
    endpoint: Endpoint | undefined;
    steps: readonly Step[];
    done(written: Gate): void;
  };
  end(outcome: 'refused' | 'gone'): void;
  fail(error: unknown): void;
}

/** Farther away than this only the due time counts. */
const longestHintMs = 900_000;

const withoutMarks = ({
  dueAt: _,
  expiresAt: __,
  listPk: ___,
  listSk: ____,
  ...gate
}: Item<'GATE'>): Gate => gate;

interface Decided {
  gate: Gate;
  endpoint: Endpoint | undefined;
  steps: Step[];
  /** Whose each step is. */
  owners: Order[];
  ready: { order: Order; done(written: Gate): void }[];
}

/** Asks each order in turn; one that writes what another of the batch writes has come too late. */
const decide = (orders: readonly Order[], { gate, endpoint, now }: GateView): Decided => {
  const decided: Decided = { gate, endpoint, steps: [], owners: [], ready: [] };
  const written = new Set<string>();
  for (const order of orders) {
    const change = order.apply({ gate: decided.gate, endpoint: decided.endpoint, now });
    const names = change.steps.map(({ key }) => `${key.pk} ${key.sk}`);
    if (names.some((name) => written.has(name))) {
      order.end('refused');
      continue;
    }
    for (const name of names) written.add(name);
    decided.gate = change.gate;
    decided.endpoint = change.endpoint;
    decided.steps.push(...change.steps);
    decided.owners.push(...change.steps.map(() => order));
    decided.ready.push({ order, done: change.done });
  }
  return decided;
};

/** Also a gate that nobody changes is written when its due time no longer says when to look at it. */
const isToBeWritten = (
  before: Gate,
  { gate, steps }: Decided,
  { dueAt }: Item<'GATE'>,
  wake: Wake | undefined,
  now: number,
): boolean =>
  gate !== before ||
  steps.length > 0 ||
  (wake === undefined) !== (dueAt === undefined) ||
  (dueAt !== undefined && dueAt <= now);

const left = ({ ready, owners }: Decided, refusals: readonly Refusal[]): Order[] => {
  const refused = new Set(refusals.flatMap(({ step }) => owners[step - 1] ?? []));
  for (const order of refused) order.end('refused');
  return ready.flatMap(({ order }) => (refused.has(order) ? [] : [order]));
};

/** Makes as many of the changes as can be made at once; those that are to be decided again. */
const settleOnce = async (
  platform: Backstage,
  item: Item<'GATE'>,
  endpoint: Endpoint | undefined,
  orders: readonly Order[],
): Promise<Order[]> => {
  const now = platform.clock.now();
  const before = withoutMarks(item);
  const { project, endpoint: id, version } = before;
  const decided = decide(orders, { gate: before, endpoint, now });
  const wake = wakeOf(decided.gate, decided.endpoint, now);
  if (!isToBeWritten(before, decided, item, wake, now)) {
    for (const { done } of decided.ready) done(before);
    return [];
  }
  const gate = { ...decided.gate, version: version + 1 };
  const result = await commit(platform, [
    put(gateKey(project, id), { ...gate, ...(wake && { dueAt: wake.at }) }, gateIsAt(version)),
    ...decided.steps,
  ]);
  if (!result.committed) return left(decided, result.refusals);
  if (wake?.opens && wake.at !== item.dueAt && wake.at - now <= longestHintMs)
    await hint(platform, [{ v: 1, kind: 'gate', project, endpoint: id }], wake.at - now);
  for (const { done } of decided.ready) done(gate);
  return [];
};

/**
 * Sees a batch of changes through, in one transaction on condition of the gate's version. Those whose own conditions do
 * not hold are left out; a gate that moved on is read again. It is read before its endpoint: who resumes an endpoint
 * writes both, so a stale pause is never acted upon.
 */
export const settle = async (
  platform: Backstage,
  project: string,
  id: string,
  batch: readonly Order[],
): Promise<void> => {
  const { store } = platform;
  for (let orders = batch; orders.length > 0; ) {
    const item = await store.get(gateKey(project, id));
    const endpoint = await store.get(endpointKey(project, id));
    if (!item) {
      for (const order of orders) order.end('gone');
      return;
    }
    orders = await settleOnce(platform, item, endpoint, orders);
  }
};
