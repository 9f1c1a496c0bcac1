import { anyId, type Entity } from '../../domain/memory/entities.ts';
import type { Metadata } from '../../domain/memory/turn.ts';
import { entityRecordKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { type AcceptRequest, type AcceptResult, acceptUnlessChanged } from '../accept.ts';
import { entityIsAt } from '../conditions.ts';
import { declaration } from '../cutoffs.ts';
import { check } from '../steps.ts';
import { isDeclaredIn } from './collections.ts';

/**
 * Accepts a turn of a collection. The transaction is refused after a deletion of the collection; a later deletion
 * covers the turn, whatever their ids. So no turn outlives its collection.
 * @param declares entity that the same transaction declares, with its metadata
 * @throws RetryableError when the store, or that of the files, cannot be reached
 */
export const acceptInto = async (
  platform: Platform,
  project: string,
  collection: string,
  request: AcceptRequest,
  declares?: { entity: Entity; metadata: Metadata },
): Promise<AcceptResult | { outcome: 'unknown' }> => {
  const ofKind = entityRecordKey(project, { kind: 'collection', id: anyId });
  const own = entityRecordKey(project, { kind: 'collection', id: collection });
  const further = declares ? [entityRecordKey(project, declares.entity)] : [];
  for (;;) {
    const [all, record, declared] = await platform.store.getMany([ofKind, own, ...further]);
    if (!record || !isDeclaredIn(record, all)) return { outcome: 'unknown' };
    const steps = [
      check(ofKind, entityIsAt(all?.revision ?? 0)),
      check(own, entityIsAt(record.revision)),
    ];
    if (declares)
      steps.push(declaration(platform, project, declares.entity, declares.metadata, declared));
    const accepted = await acceptUnlessChanged(platform, project, request, steps);
    if (accepted) return accepted;
  }
};
