import type { EndpointRequest } from '../core/webhooks/endpoint-request.ts';
import {
  createEndpoint,
  deleteEndpoint,
  pauseEndpoint,
  resumeEndpoint,
} from '../core/webhooks/endpoints.ts';
import type { WithLimiterStore } from '../core/webhooks/limiter-store.ts';
import { resendDelivery } from '../core/webhooks/manual-delivery.ts';
import { cancelRecovery, startRecovery } from '../core/webhooks/recoveries.ts';
import { rotateSecret } from '../core/webhooks/rotate-secret.ts';
import { RetryableError } from '../domain/errors.ts';
import type { Item } from '../domain/table/items.ts';
import type { WebhookPlatform } from '../ports/platform.ts';
import type { CustomerOperation } from './operations.ts';
import { project, type SimulatedService } from './simulated-service.ts';

/** State of a customer; survives a crash of the process that serves the customer. */
export interface Customer {
  name: string;
  remaining: number;
  created: number;
}

interface CustomerRun {
  service: SimulatedService;
  platform: WithLimiterStore<WebhookPlatform>;
  customer: Customer;
}

/** Configurations of endpoints: plain, ordered, and limited in two ways. */
const configurations: readonly Omit<EndpointRequest, 'url'>[] = [
  {},
  { ordered: true },
  { maxInFlight: 2, eventTypes: ['memory_*'] },
  { maxInFlight: 1, rateLimit: 2 },
];
const initialEndpoints = 3;

const create = async ({ service, platform, customer }: CustomerRun): Promise<void> => {
  const configuration = configurations[service.webhooks.endpoints.size % configurations.length];
  customer.created += 1;
  await createEndpoint(platform, project, {
    url: `https://${customer.name}${customer.created}.example/`,
    ...configuration,
  });
};

const randomEndpoint = ({ service: { webhooks, random } }: CustomerRun): string => {
  const live = [...webhooks.endpoints.values()].filter(({ isDeleted }) => !isDeleted);
  return live.length > 0 ? random.pick(live).endpoint.id : 'whe_none';
};

const randomDelivery = ({ service: { table, random } }: CustomerRun): string => {
  const items = [...table.rows()].flatMap(({ key, item }) =>
    key.kind === 'DELIVERY' ? [(item as Item<'DELIVERY'>).id] : [],
  );
  return items.length > 0 ? random.pick(items) : 'dlv_none';
};

const randomRecovery = ({
  service: { table, random },
}: CustomerRun): Item<'RECOVERY'> | undefined => {
  const items = [...table.rows()].flatMap(({ key, item }) =>
    key.kind === 'RECOVERY' ? [item as Item<'RECOVERY'>] : [],
  );
  return items.length > 0 ? random.pick(items) : undefined;
};

const operations: { [operation in CustomerOperation]: (run: CustomerRun) => Promise<unknown> } = {
  create,
  pause: (run) => pauseEndpoint(run.platform, project, randomEndpoint(run)),
  resume: (run) => resumeEndpoint(run.platform, project, randomEndpoint(run)),
  delete: (run) => deleteEndpoint(run.platform, project, randomEndpoint(run)),
  rotate: (run) => rotateSecret(run.platform, project, randomEndpoint(run), { overlapMs: 60_000 }),
  resend: (run) => resendDelivery(run.platform, project, randomDelivery(run)),
  recover: (run) =>
    startRecovery(run.platform, project, randomEndpoint(run), {
      which: run.service.random.pick(['failed', 'missing', 'all']),
      since: 0,
    }),
  async cancelRecovery(run) {
    const recovery = randomRecovery(run);
    if (recovery) await cancelRecovery(run.platform, project, recovery.endpoint, recovery.id);
  },
  wait: ({ service, platform }) => platform.clock.sleep(service.random.below(8_000)),
};

const runOperation = async (run: CustomerRun, operation: CustomerOperation): Promise<void> => {
  try {
    await operations[operation](run);
  } catch (error) {
    if (error instanceof RetryableError) return;
    run.service.reportBug(error instanceof Error ? (error.stack ?? '') : String(error));
  }
};

/** Registers the first endpoints before any client starts, then runs the customer's operations. */
export const runCustomer = async (run: CustomerRun): Promise<void> => {
  const { service, customer } = run;
  const { webhooks, random, scenario } = service;
  while (webhooks.endpoints.size < initialEndpoints) await runOperation(run, 'create');
  const weighted = Object.entries(scenario.customer ?? {}).flatMap(([operation, weight]) =>
    Array<CustomerOperation>(weight).fill(operation as CustomerOperation),
  );
  while (customer.remaining > 0) {
    customer.remaining -= 1;
    await runOperation(run, random.pick(weighted));
  }
};

/** Whether the first endpoints exist. */
export const hasEndpoints = ({ webhooks }: SimulatedService): boolean =>
  webhooks.endpoints.size >= initialEndpoints;
