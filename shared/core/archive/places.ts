import { anyId, type Entity, entityKey } from '../../domain/memory/entities.ts';
import type { ItemKind } from '../../domain/table/items.ts';
import { endpointKey, entityRecordKey, eventListPks, listingPks } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { monthsUntil } from '../list-events.ts';

type PlaceKind = Extract<
  ItemKind,
  'ENTITY' | 'LISTED' | 'CLOSED' | 'EVENT' | 'RECENT' | 'LISTED_TURN' | 'ENDPOINT'
>;

/** A range of items to export, in the order of their sort keys. */
export interface Place {
  kind: PlaceKind;
  pk: string;
  prefix: string;
}

export const placeName = ({ kind, pk }: Place): string => `${kind} ${pk}`;

/**
 * Returns the ranges of an export, in the order of restoration: memories before the turns that they were drawn from. An item that moves from
 * one range to another while an export runs moves to a later one, so each item is exported once or twice. Pages of one
 * request leave out a turn that an earlier one of them has.
 */
export const placesOf = (
  { clock }: Pick<Platform, 'clock'>,
  project: string,
  entity: Entity | undefined,
): Place[] => {
  const entities = entityRecordKey(project, entity ?? { kind: 'user', id: anyId });
  const listings = listingPks(project, entity ?? 'project');
  const months = monthsUntil(clock.now()).reverse();
  const endpoints = endpointKey(project, '');
  return [
    { kind: 'ENTITY', pk: entities.pk, prefix: entity ? entityKey(entity) : '' },
    ...listings.map((pk): Place => ({ kind: 'LISTED', pk, prefix: 'MEM#' })),
    ...listings.map((pk): Place => ({ kind: 'CLOSED', pk, prefix: 'CLOSED#' })),
    ...months.flatMap((month) =>
      eventListPks(project, month).map((pk): Place => ({ kind: 'EVENT', pk, prefix: '' })),
    ),
    ...listings.map((pk): Place => ({ kind: 'RECENT', pk, prefix: 'RECENT#' })),
    ...listings.map((pk): Place => ({ kind: 'LISTED_TURN', pk, prefix: 'TURN_LISTED#' })),
    ...(entity ? [] : [{ kind: 'ENDPOINT', pk: endpoints.pk, prefix: endpoints.sk } as const]),
  ];
};
