import { mapConcurrent } from '../domain/map-concurrent.ts';
import { eventKey } from '../domain/table/keys.ts';
import type { Platform } from '../ports/platform.ts';
import { type AcceptRequest, type AcceptResult, accept } from './accept.ts';

/**
 * Accepts one turn for each owner of a request, each in a transaction of its own. The first turn is committed first: its event has the
 * ids of the other events, so that a repeat of the request after a crash or a lost answer accepts what is missing and nothing
 * twice. Returns the outcome of the first turn.
 * @param requests equal ones but for their owners
 * @throws RetryableError when the store cannot be reached
 */
export const acceptGroup = async (
  platform: Platform,
  project: string,
  [first, ...others]: readonly [AcceptRequest, ...AcceptRequest[]],
): Promise<AcceptResult> => {
  if (others.length === 0) return accept(platform, project, first);
  const events = others.map(() => platform.ids.next());
  const owners = others.map(({ entities }) => entities);
  const accepted = await accept(platform, project, { ...first, group: { owners, events } });
  if (accepted.outcome !== 'accepted' && accepted.outcome !== 'replayed') return accepted;
  const { event: id, outcome } = accepted;
  const earlier =
    outcome === 'replayed' ? await platform.store.get(eventKey(project, id)) : undefined;
  const ids = outcome === 'replayed' ? (earlier?.group ?? []) : events;
  const missing = others.flatMap((request, index) => {
    const event = ids[index];
    // A space cannot be part of a key that a client sends.
    return event === undefined ? [] : [{ ...request, event, idempotencyKey: `${id} ${index + 1}` }];
  });
  await mapConcurrent(missing, (request) => accept(platform, project, request));
  return accepted;
};
