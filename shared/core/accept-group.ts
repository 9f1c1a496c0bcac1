import { mapConcurrent } from '../domain/map-concurrent.ts';
import type { Entities } from '../domain/memory/entities.ts';
import { eventKey } from '../domain/table/keys.ts';
import type { Platform } from '../ports/platform.ts';
import { type AcceptRequest, type AcceptResult, accept, type TurnGroup } from './accept.ts';
import { memorySpan } from './traced.ts';

/** A copy of the first turn of a request. */
export interface CopyToAccept {
  owner: Entities;
  /** Id of the turn that is copied. */
  of: string;
  event: string;
  idempotencyKey: string;
}

/** Copies of the first turn of a request for other owners, each a turn of its own. */
export interface Copies {
  owners: readonly Entities[];
  /** Accepts one copy. Repeating the call adds nothing. */
  accept(copy: CopyToAccept): Promise<void>;
}

const noCopies: Copies = { owners: [], accept: async () => {} };

const acceptAll = async (
  platform: Platform,
  project: string,
  [first, ...others]: readonly [AcceptRequest, ...AcceptRequest[]],
  copies: Copies,
): Promise<AcceptResult> => {
  if (others.length + copies.owners.length === 0) return accept(platform, project, first);
  const group: TurnGroup = {
    owners: others.map(({ entities }) => entities),
    events: others.map(() => platform.ids.next()),
    copyOwners: copies.owners,
    copies: copies.owners.map(() => platform.ids.next()),
  };
  const accepted = await accept(platform, project, { ...first, group });
  if (accepted.outcome !== 'accepted' && accepted.outcome !== 'replayed') return accepted;
  const { event: id, turn: of, outcome } = accepted;
  const earlier =
    outcome === 'replayed' ? await platform.store.get(eventKey(project, id)) : undefined;
  const ids = outcome === 'replayed' ? (earlier?.group ?? []) : group.events;
  const copyIds = outcome === 'replayed' ? (earlier?.copies ?? []) : group.copies;
  const missing = others.flatMap((request, index) => {
    const event = ids[index];
    // A space cannot be part of a key that a client sends.
    return event === undefined ? [] : [{ ...request, event, idempotencyKey: `${id} ${index + 1}` }];
  });
  await mapConcurrent(missing, (request) => accept(platform, project, request));
  for (const [index, owner] of copies.owners.entries()) {
    const event = copyIds[index];
    if (event !== undefined)
      await copies.accept({ owner, of, event, idempotencyKey: `${id} copy ${index + 1}` });
  }
  return accepted;
};

/**
 * Accepts one turn for each owner of a request, and the copies, each in a transaction of its own. The first turn is committed first: its
 * event has the ids of the other events, so that a repeat of the request after a crash or a lost answer accepts what is missing and
 * nothing twice. Returns the outcome of the first turn.
 * @param requests equal ones but for their owners
 * @throws RetryableError when the store cannot be reached; also the error of a copy
 */
export const acceptGroup = (
  platform: Platform,
  project: string,
  requests: readonly [AcceptRequest, ...AcceptRequest[]],
  copies: Copies = noCopies,
): Promise<AcceptResult> => {
  const operation = requests[0].options.infer ? 'upsert_memory' : 'create_memory';
  return memorySpan(platform, operation, { project }, async (span) => {
    const accepted = await acceptAll(platform, project, requests, copies);
    if ('event' in accepted) span.set({ 'turnstone.event.id': accepted.event });
    return accepted;
  });
};
