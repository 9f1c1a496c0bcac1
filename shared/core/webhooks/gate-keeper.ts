import type { Endpoint } from '../../domain/webhooks/endpoint.ts';
import type { EndpointLimiter } from '../../domain/webhooks/endpoint-limiter.ts';
import type { CorePlatform } from '../../ports/platform.ts';
import type { Step, Store } from '../../ports/store.ts';
import { commitAll, type LimiterSnapshot, type PendingChange } from './limiter-store.ts';

/** What a change makes of a gate and its endpoint, what is to be written together with it, and what its caller is told. */
export interface LimiterUpdateResult<A> {
  limiter: EndpointLimiter;
  /** When its own steps change or remove the endpoint. */
  endpoint?: Endpoint | undefined;
  steps?: readonly Step[];
  value: A;
}

/** Pure: it may be asked several times, each time on a newer gate. */
export type LimiterUpdate<A> = (view: LimiterSnapshot) => LimiterUpdateResult<A>;

/** `refused`: a condition of its own steps did not hold. `gone`: there is no such gate. */
export type UpdateOutcome<A> =
  | { outcome: 'done'; value: A; limiter: EndpointLimiter }
  | { outcome: 'refused' }
  | { outcome: 'endpoint_deleted' };

/** Changes of one gate that this process waits to make, while it makes others. */
const pendingByEndpoint = new WeakMap<Store, Map<string, PendingChange[]>>();

/** Never rejects: whoever waits for a change is told. `end` is called before anyone else can join. */
const drainPending = async (
  platform: CorePlatform,
  project: string,
  id: string,
  pending: PendingChange[],
  end: () => void,
): Promise<void> => {
  // Those who ask in the same breath share a transaction.
  await undefined;
  while (pending.length > 0) {
    const batch = pending.splice(0);
    try {
      await commitAll(platform, project, id, batch);
    } catch (error) {
      for (const order of batch) order.fail(error);
    }
  }
  end();
};

const toPendingChange = <A>(
  change: LimiterUpdate<A>,
  resolve: (outcome: UpdateOutcome<A>) => void,
  fail: (error: unknown) => void,
): PendingChange => ({
  apply(view) {
    const changed = change(view);
    const { limiter, steps = [], value } = changed;
    return {
      limiter,
      endpoint: 'endpoint' in changed ? changed.endpoint : view.endpoint,
      steps,
      done: (written) => resolve({ outcome: 'done', value, limiter: written }),
    };
  },
  end: (outcome) => resolve({ outcome }),
  fail,
});

/**
 * Changes an endpoint's gate, and whatever is to change with it, in one transaction on condition of the gate's version.
 * Changes that meet in one process share a transaction, so that a busy endpoint costs few. Everyone who parks, admits,
 * resumes or closes goes through here, so none of them acts on a gate that another has moved.
 */
export const updateLimiter = async <A>(
  platform: CorePlatform,
  project: string,
  endpoint: string,
  change: LimiterUpdate<A>,
): Promise<UpdateOutcome<A>> => {
  const waiting = pendingByEndpoint.get(platform.store) ?? new Map<string, PendingChange[]>();
  pendingByEndpoint.set(platform.store, waiting);
  const name = `${project} ${endpoint}`;
  const pending = waiting.get(name);
  const orders = pending ?? [];
  const outcome = new Promise<UpdateOutcome<A>>((resolve, reject) => {
    orders.push(toPendingChange(change, resolve, reject));
  });
  if (!pending) {
    waiting.set(name, orders);
    void drainPending(platform, project, endpoint, orders, () => waiting.delete(name));
  }
  return outcome;
};
