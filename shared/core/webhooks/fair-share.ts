import type { Endpoint } from '../../domain/webhooks/endpoint.ts';
import type { Store } from '../../ports/store.ts';

/** Attempts in flight in one process; every endpoint at work may have one, however many those are. */
const max = 1_024;

/** Endpoints that a process delivers to at this moment. */
const atWork = new WeakMap<Store, number>();

const add = (store: Store, change: 1 | -1): void => {
  atWork.set(store, (atWork.get(store) ?? 0) + change);
};

/** Counts an endpoint as at work until the answer is called. */
export const takePart = (store: Store): (() => void) => {
  add(store, 1);
  return () => add(store, -1);
};

/**
 * The endpoint with no more attempts in flight than its fair share of the process: receivers that never answer take
 * neither the sockets nor the memory of those that do.
 */
export const withinShare = (store: Store, endpoint: Endpoint): Endpoint => {
  const share = Math.max(1, Math.floor(max / Math.max(1, atWork.get(store) ?? 0)));
  return share < endpoint.maxInFlight ? { ...endpoint, maxInFlight: share } : endpoint;
};
