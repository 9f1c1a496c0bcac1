import { anyId, type Entity } from '../../domain/memory/entities.ts';
import type { Metadata } from '../../domain/memory/turn.ts';
import { entityRecordKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { type AcceptRequest, type AcceptResult, accept, acceptUnlessChanged } from '../accept.ts';
import { entityIsAt } from '../conditions.ts';
import { declaration } from '../cutoffs.ts';
import { check } from '../steps.ts';
import { findUnknownCollection, isDeclaredIn } from './collections.ts';

/**
 * Accepts a turn of a collection, if there is such a collection. A deletion of the collection, or of everything, covers the turn,
 * whatever their ids and whichever comes first: so no turn outlives its collection, and adds at the same time share no item.
 * @throws RetryableError when the store, or that of the files, cannot be reached
 */
export const acceptInto = async (
  platform: Platform,
  project: string,
  collection: string,
  request: AcceptRequest,
): Promise<AcceptResult | { outcome: 'unknown' }> =>
  (await findUnknownCollection(platform, project, [collection])) === undefined
    ? accept(platform, project, request)
    : { outcome: 'unknown' };

/**
 * Accepts a turn of a collection as `acceptInto` does, in one transaction with the declaration of an entity of the collection. A
 * deletion of the collection refuses the transaction: the job of the deletion would not find a later declaration.
 * @param declares entity that the same transaction declares, with its metadata
 */
export const acceptDeclaring = async (
  platform: Platform,
  project: string,
  collection: string,
  request: AcceptRequest,
  declares: { entity: Entity; metadata: Metadata },
): Promise<AcceptResult | { outcome: 'unknown' }> => {
  const ofKind = entityRecordKey(project, { kind: 'collection', id: anyId });
  const own = entityRecordKey(project, { kind: 'collection', id: collection });
  const further = entityRecordKey(project, declares.entity);
  for (;;) {
    const [all, record, declared] = await platform.store.getMany([ofKind, own, further]);
    if (!record || !isDeclaredIn(record, all)) return { outcome: 'unknown' };
    const steps = [
      check(ofKind, entityIsAt(all?.revision ?? 0)),
      check(own, entityIsAt(record.revision)),
      declaration(platform, project, declares.entity, declares.metadata, declared),
    ];
    const accepted = await acceptUnlessChanged(platform, project, request, steps);
    if (accepted) return accepted;
  }
};
