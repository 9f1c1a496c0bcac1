import type { Endpoint } from '../../domain/endpoint.ts';
import type { Gate } from '../../domain/gate.ts';
import { endpointKey, gateKey, outboxKey } from '../../domain/keys.ts';
import { disabledOutboxId } from '../../domain/outbox.ts';
import type { Backstage } from '../../ports/platform.ts';
import { commit } from '../commit.ts';
import { endpointIsAt, gateIsAt } from '../conditions.ts';
import { hint } from '../hint.ts';
import { check, put, update } from '../steps.ts';

/**
 * Takes an endpoint out of service and, in the same transaction, notes it for the customer's other endpoints. Not done
 * when the customer changed it meanwhile, or an attempt ended since its gate was judged: what was held against it may no
 * longer hold.
 */
export const disable = async (
  platform: Backstage,
  { project, id, url, status, version }: Endpoint,
  reason: 'gone' | 'failing',
  gate?: Gate,
): Promise<void> => {
  if (status === 'disabled') return;
  const now = platform.clock.now();
  const outbox = disabledOutboxId(id, version);
  const { committed } = await commit(platform, [
    update(
      endpointKey(project, id),
      { status: 'disabled', held: { at: now, reason }, version: version + 1, updatedAt: now },
      endpointIsAt(version),
    ),
    put(outboxKey(project, outbox), {
      id: outbox,
      project,
      entities: {},
      facts: [{ type: 'endpoint.disabled', endpoint: id, url, reason }],
      createdAt: now,
      dueAt: now,
    }),
    ...(gate ? [check(gateKey(project, id), gateIsAt(gate.version))] : []),
  ]);
  if (!committed) return;
  platform.telemetry.log('info', 'endpoint.disabled', { project, endpoint: id, reason });
  await hint(platform, [{ v: 1, kind: 'outbox', project, outbox }]);
};
