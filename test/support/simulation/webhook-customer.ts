import type { EndpointRequest } from '../../../shared/core/webhooks/endpoint-request.ts';
import {
  createEndpoint,
  deleteEndpoint,
  pauseEndpoint,
  resumeEndpoint,
} from '../../../shared/core/webhooks/endpoints.ts';
import type { WithLimiterStore } from '../../../shared/core/webhooks/limiter-store.ts';
import { resendDelivery } from '../../../shared/core/webhooks/manual-delivery.ts';
import { cancelRecovery, startRecovery } from '../../../shared/core/webhooks/recoveries.ts';
import { rotateSecret } from '../../../shared/core/webhooks/rotate-secret.ts';
import { RetryableError } from '../../../shared/domain/errors.ts';
import type { Item } from '../../../shared/domain/table/items.ts';
import type { WebhookPlatform } from '../../../shared/ports/platform.ts';
import type { CustomerOperation } from './scenario.ts';
import { project, type SimulatedService } from './simulated-service.ts';

/** What survives when the process that serves a customer crashes. */
export interface Customer {
  name: string;
  left: number;
  made: number;
}

interface Served {
  service: SimulatedService;
  platform: WithLimiterStore<WebhookPlatform>;
  customer: Customer;
}

/** One of each kind: plain, in order, and narrow. */
const kinds: readonly Omit<EndpointRequest, 'url'>[] = [
  {},
  { ordered: true },
  { maxInFlight: 2, eventTypes: ['memory_*'] },
  { maxInFlight: 1, rateLimit: 2 },
];
const atFirst = 3;

const create = async ({ service, platform, customer }: Served): Promise<void> => {
  const kind = kinds[service.webhooks.endpoints.size % kinds.length];
  customer.made += 1;
  await createEndpoint(platform, project, {
    url: `https://${customer.name}${customer.made}.example/`,
    ...kind,
  });
};

const liveEndpoint = ({ service: { webhooks, random } }: Served): string => {
  const live = [...webhooks.endpoints.values()].filter(({ isGone }) => !isGone);
  return live.length > 0 ? random.pick(live).endpoint.id : 'whe_none';
};

const deliveryOf = ({ service: { table, random } }: Served): string => {
  const there = [...table.rows()].flatMap(({ key, item }) =>
    key.kind === 'DELIVERY' ? [(item as Item<'DELIVERY'>).id] : [],
  );
  return there.length > 0 ? random.pick(there) : 'dlv_none';
};

const recoveryOf = ({ service: { table, random } }: Served): Item<'RECOVERY'> | undefined => {
  const there = [...table.rows()].flatMap(({ key, item }) =>
    key.kind === 'RECOVERY' ? [item as Item<'RECOVERY'>] : [],
  );
  return there.length > 0 ? random.pick(there) : undefined;
};

const operations: { [operation in CustomerOperation]: (served: Served) => Promise<unknown> } = {
  create,
  pause: (served) => pauseEndpoint(served.platform, project, liveEndpoint(served)),
  resume: (served) => resumeEndpoint(served.platform, project, liveEndpoint(served)),
  delete: (served) => deleteEndpoint(served.platform, project, liveEndpoint(served)),
  rotate: (served) =>
    rotateSecret(served.platform, project, liveEndpoint(served), { overlapMs: 60_000 }),
  resend: (served) => resendDelivery(served.platform, project, deliveryOf(served)),
  recover: (served) =>
    startRecovery(served.platform, project, liveEndpoint(served), {
      which: served.service.random.pick(['failed', 'missing', 'all']),
      since: 0,
    }),
  async cancelRecovery(served) {
    const recovery = recoveryOf(served);
    if (recovery) await cancelRecovery(served.platform, project, recovery.endpoint, recovery.id);
  },
  wait: ({ service, platform }) => platform.clock.sleep(service.random.below(8_000)),
};

const act = async (served: Served, operation: CustomerOperation): Promise<void> => {
  try {
    await operations[operation](served);
  } catch (error) {
    if (error instanceof RetryableError) return;
    served.service.bug(error instanceof Error ? (error.stack ?? '') : String(error));
  }
};

/** Registers endpoints before anything is told there, and then does to them what customers do. */
export const serveCustomer = async (served: Served): Promise<void> => {
  const { service, customer } = served;
  const { webhooks, random, scenario } = service;
  while (webhooks.endpoints.size < atFirst) await act(served, 'create');
  const chances = Object.entries(scenario.customer ?? {}).flatMap(([operation, weight]) =>
    Array<CustomerOperation>(weight).fill(operation as CustomerOperation),
  );
  while (customer.left > 0) {
    customer.left -= 1;
    await act(served, random.pick(chances));
  }
};

/** Whether what is told from now on has somebody to be told to. */
export const hasEndpoints = ({ webhooks }: SimulatedService): boolean =>
  webhooks.endpoints.size >= atFirst;
