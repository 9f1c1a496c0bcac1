import { type ArchiveRecord, archivedEndpointFields } from '../../domain/archive.ts';
import { canonicalJson } from '../../domain/digest.ts';
import { fieldsOf } from '../../domain/fields-of.ts';
import { allKinds, anyId, type Entity, entityKey } from '../../domain/memory/entities.ts';
import { isPosition } from '../../domain/table/cursor-position.ts';
import type { Item } from '../../domain/table/items.ts';
import { entityRecordKey } from '../../domain/table/keys.ts';
import { maskedUrl } from '../../domain/webhooks/masked-url.ts';
import type { Platform } from '../../ports/platform.ts';
import { isDeleted } from '../retrieval/list-entities.ts';
import { createPace } from '../yield-to-loop.ts';
import {
  eventRecords,
  type RecordsOf,
  readableMemories,
  readableTurnsOf,
  recordsOfMemory,
  recordsOfTurn,
} from './archived-items.ts';
import { type Place, placeName, placesOf } from './places.ts';

/** Bytes after which a page ends. One more record is below twice as much. */
const pageBytes = 1_000_000;
/** Reads of ranges for one page: some are empty, or have nothing to export. */
const readsPerPage = 40;
const itemsPerRead: { readonly [kind in Place['kind']]: number } = {
  ENTITY: 50,
  LISTED: 20,
  CLOSED: 20,
  EVENT: 20,
  RECENT: 10,
  LISTED_TURN: 10,
  ENDPOINT: 50,
};

/** Position of an export: the range, the cursor of the read, the last item, and the last of its records. */
export interface ExportPosition {
  place: string;
  cursor?: string;
  sk?: string;
  within?: string;
}

export interface ExportRequest {
  /** Exports what names this entity; undefined: all of the project. */
  entity?: Entity;
  /** Whether the tokens in the URLs of endpoints are exported. */
  showsUrls: boolean;
}

export interface ExportPage {
  /** Records as JSON with sorted keys: equal data are equal bytes, in whichever store. */
  records: string[];
  /** Absent on the last page. */
  next?: ExportPosition;
}

type Found = { sk: string; recordsOf: RecordsOf | undefined };

const single = (record: ArchiveRecord): RecordsOf =>
  async function* (after) {
    if (after === undefined) yield { within: '', record };
  };

const entityRecord = (
  item: Item<'ENTITY'>,
  ofKind: Item<'ENTITY'> | undefined,
): RecordsOf | undefined => {
  const kind = allKinds.find((known) => known === item.kind);
  if (item.id === anyId || !kind || isDeleted(item, ofKind)) return undefined;
  const fields = fieldsOf(item, ['id', 'createdAt', 'declared', 'metadata']);
  return single({ entity: { kind, ...fields } });
};

const endpointRecord = (item: Item<'ENDPOINT'>, showsUrls: boolean): RecordsOf => {
  const endpoint = fieldsOf(item, archivedEndpointFields);
  return single({
    endpoint: showsUrls ? endpoint : { ...endpoint, url: maskedUrl(endpoint.url) },
  });
};

/** Returns the records of items of a range, in order. */
const recordsIn = async (
  platform: Platform,
  project: string,
  { entity, showsUrls }: ExportRequest,
  { kind, pk, prefix }: Place,
  after: string | undefined,
  seen: ReadonlySet<string>,
): Promise<{ found: Found[]; next?: string | undefined }> => {
  const from = after === undefined ? {} : { after };
  const range = { pk, prefix, limit: itemsPerRead[kind], ...from };
  const { store } = platform;
  switch (kind) {
    case 'ENTITY': {
      const { items, next } = await store.query({ kind, ...range });
      const wanted = entity ? items.filter(({ key }) => key.sk === entityKey(entity)) : items;
      const kinds = allKinds.filter((one) => wanted.some(({ item }) => item.kind === one));
      const records = await store.getMany(
        kinds.map((one) => entityRecordKey(project, { kind: one, id: anyId })),
      );
      const ofKind = new Map<string, Item<'ENTITY'> | undefined>(
        kinds.map((one, index) => [one, records[index]]),
      );
      const found = wanted.map(({ key: { sk }, item }) => ({
        sk,
        recordsOf: entityRecord(item, ofKind.get(item.kind)),
      }));
      return { found, next };
    }
    case 'LISTED':
    case 'CLOSED': {
      const { items, next } = await store.query({ kind, ...range });
      const ids = items.map(({ item }) => item.memory);
      const memories = await readableMemories(platform, project, ids);
      const found = items.map(({ key: { sk }, item }) => {
        const memory = memories.get(item.memory);
        return { sk, recordsOf: memory && recordsOfMemory(platform, memory) };
      });
      return { found, next };
    }
    case 'EVENT': {
      const { items, next } = await store.list({ kind, ...range });
      const events = items.map(({ item }) => item);
      const records = await eventRecords(platform, project, events, entity);
      const found = items.map(({ item }) => {
        const record = records.get(item.id);
        return { sk: item.id, recordsOf: record && single(record) };
      });
      return { found, next };
    }
    case 'RECENT':
    case 'LISTED_TURN': {
      const { items, next } = await store.query<'RECENT' | 'LISTED_TURN'>({ kind, ...range });
      const turnOf = (item: (typeof items)[number]['item']) => ('turn' in item ? item.turn : '');
      const named = items.flatMap(({ item }) => turnOf(item) || []);
      const ids = kind === 'RECENT' ? named : named.filter((turn) => !seen.has(turn));
      const turns = await readableTurnsOf(platform, project, ids);
      const found = items.map(({ key: { sk }, item }) => {
        const turn = turns.get(turnOf(item));
        return { sk, recordsOf: turn && recordsOfTurn(platform, turn) };
      });
      return { found, next };
    }
    case 'ENDPOINT': {
      const { items, next } = await store.query({ kind, ...range });
      const found = items.map(({ key: { sk }, item }) => ({
        sk,
        recordsOf: endpointRecord(item, showsUrls),
      }));
      return { found, next };
    }
  }
};

/** A read of a range, or a record; with the position from which an export goes on. */
interface ExportStep {
  position: ExportPosition;
  record?: ArchiveRecord;
}

/** Records of items after a position. */
async function* recordsAfter(
  found: readonly Found[],
  at: ExportPosition,
): AsyncGenerator<ExportStep> {
  const { sk = '', within, ...read } = at;
  for (const { sk: own, recordsOf } of found) {
    if (!recordsOf || own < sk) continue;
    const isResumed = own === sk;
    if (isResumed && within === undefined) continue;
    for await (const { within: position, record } of recordsOf(isResumed ? within : undefined))
      yield { record, position: { ...read, sk: own, within: position } };
  }
}

/** All steps of an export from a position on. */
async function* stepsOf(
  platform: Platform,
  project: string,
  request: ExportRequest,
  places: readonly Place[],
  after: ExportPosition | undefined,
  seen: ReadonlySet<string>,
): AsyncGenerator<ExportStep> {
  for (const place of places) {
    const name = placeName(place);
    let at: ExportPosition = after?.place === name ? after : { place: name };
    for (;;) {
      yield { position: at };
      const { found, next } = await recordsIn(platform, project, request, place, at.cursor, seen);
      yield* recordsAfter(found, at);
      if (next === undefined) break;
      at = { place: name, cursor: next };
    }
  }
}

/** Whether a position, which a client may have made up, is one in the range. */
const isIn = (place: Place, { place: name, cursor }: ExportPosition): boolean =>
  placeName(place) === name &&
  (cursor === undefined ||
    isPosition(cursor, { isListing: place.kind === 'EVENT', prefix: place.prefix }));

/** Adds a turn that direct reads found, and that may be listed by the time that the export comes to the listings. */
const remember = (seen: Set<string>, { place }: ExportPosition, record: ArchiveRecord): void => {
  if ('turn' in record && place.startsWith('RECENT ')) seen.add(record.turn.id);
};

/**
 * Reads a page of an export: the readable items of a project or of an entity, in the order of their restoration. The work of a page is
 * bounded, so a page may have no records and still have a `next`. Changes nothing. Pages are no snapshot: an item that changes meanwhile is
 * exported in its former or its new state, or twice; an item that was deleted before a page was read is not on that page.
 * @param after position of an earlier page; undefined: from the begin on
 * @param seen turns that earlier pages had while direct reads found them, which are not exported once more; those of this page are added
 * @returns undefined if the position is not one of this export
 */
export const readExportPage = async (
  platform: Platform,
  project: string,
  request: ExportRequest,
  after: ExportPosition | undefined,
  seen = new Set<string>(),
): Promise<ExportPage | undefined> => {
  const places = placesOf(platform, project, request.entity);
  const first = after ? places.findIndex((place) => isIn(place, after)) : 0;
  if (first < 0) return undefined;
  const pace = createPace(platform);
  const records: string[] = [];
  let bytes = 0;
  let reads = 0;
  for await (const step of stepsOf(platform, project, request, places.slice(first), after, seen)) {
    const { position, record } = step;
    if (!record) {
      if (reads++ === readsPerPage) return { records, next: position };
      continue;
    }
    const text = canonicalJson(record);
    records.push(text);
    remember(seen, position, record);
    bytes += Buffer.byteLength(text);
    if (bytes >= pageBytes) return { records, next: position };
    await pace.pause();
  }
  return { records };
};
