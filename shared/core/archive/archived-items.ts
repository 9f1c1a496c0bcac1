import {
  type ArchivedFile,
  type ArchiveRecord,
  archivedEventFields,
  archivedMemoryFields,
  archivedRevisionFields,
  archivedTurnFields,
} from '../../domain/archive.ts';
import { fieldsOf } from '../../domain/fields-of.ts';
import { digestsOf } from '../../domain/memory/attachment.ts';
import { type Entity, hasEntity } from '../../domain/memory/entities.ts';
import { type Event, isFinal } from '../../domain/memory/event.ts';
import { isPublished, type Memory } from '../../domain/memory/memory.ts';
import type { Turn } from '../../domain/memory/turn.ts';
import { memoryKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { deletedBy, readCutoffs } from '../cutoffs.ts';
import { type EventView, getEvent, readableEvents } from '../events.ts';
import { readabilityOf } from '../retrieval/readable-turns.ts';
import { readTurns } from '../retrieval/recent.ts';

/** A record with its position among those of its item. */
export interface PlacedRecord {
  within: string;
  record: ArchiveRecord;
}

/** The records of one item from a position on, which is left out. */
export type RecordsOf = (after: string | undefined) => AsyncIterable<PlacedRecord>;

const revisionsPerRead = 10;
/** Bytes of a file in one record. */
const partBytes = 524_288;

/** Memories that readers may see, by id. Strongly consistent. */
export const readableMemories = async (
  platform: Platform,
  project: string,
  ids: readonly string[],
): Promise<Map<string, Memory>> => {
  const found = await platform.store.getMany(ids.map((id) => memoryKey(project, id)));
  const memories: Memory[] = found.filter((memory) => memory !== undefined);
  const [{ cutoffs }, staging] = await Promise.all([
    readCutoffs(platform, project, memories),
    readTurns(
      platform,
      project,
      memories.flatMap(({ stagedBy }) => stagedBy?.turn ?? []),
    ),
  ]);
  const isDeleted = deletedBy(cutoffs);
  const turns = new Map(staging.map((turn) => [turn.id, turn]));
  const visible = memories.filter(
    (memory) =>
      memory.state !== 'deleted' &&
      isPublished(memory, turns.get(memory.stagedBy?.turn ?? '')) &&
      !isDeleted(memory),
  );
  return new Map(visible.map((memory) => [memory.id, memory]));
};

async function* revisionsAfter(
  { store }: Platform,
  { project, id }: Memory,
  after: string,
): AsyncGenerator<PlacedRecord> {
  const { pk } = memoryKey(project, id);
  for (let from = after; ; ) {
    const { items } = await store.query({
      ...{ kind: 'REV', pk, prefix: 'REV#', limit: revisionsPerRead },
      ...(from === '' ? {} : { from }),
    });
    const fresh = items.filter(({ key }) => key.sk !== from);
    for (const { key, item } of fresh)
      yield { within: key.sk, record: { revision: fieldsOf(item, archivedRevisionFields) } };
    const last = fresh.at(-1);
    if (!last) return;
    from = last.key.sk;
  }
}

/** A memory, then its history, oldest first. */
export const recordsOfMemory = (platform: Platform, memory: Memory): RecordsOf =>
  async function* (after) {
    if (after === undefined)
      yield { within: '', record: { memory: fieldsOf(memory, archivedMemoryFields) } };
    yield* revisionsAfter(platform, memory, after ?? '');
  };

/** Whether an event is about an entity. */
const isAbout =
  (entity: Entity) =>
  ({ entities, written = [] }: Event): boolean =>
    hasEntity({ entities }, entity) ||
    written.some((one) => one.entities && hasEntity({ entities: one.entities }, entity));

/** Whether a restored event could ever end: jobs themselves are not exported. */
const isExportable = ({ status, kind, turn }: Event): boolean =>
  isFinal(status) || (kind === 'ADD' && turn !== undefined);

/** Records of events, without what was deleted since, by id. */
export const eventRecords = async (
  platform: Platform,
  project: string,
  listed: readonly Event[],
  entity: Entity | undefined,
): Promise<Map<string, ArchiveRecord>> => {
  const wanted = entity ? listed.filter(isAbout(entity)) : listed;
  const found = await Promise.all(wanted.map(({ id }) => getEvent(platform, project, id)));
  const views = found.filter((event): event is EventView => event !== undefined);
  const readable = await readableEvents(platform, project, views.filter(isExportable));
  return new Map(
    readable.map(({ event }) => {
      const { changes, written } = event;
      const fields = fieldsOf(event, archivedEventFields);
      const isKept = changes.length > 0 && !written;
      return [event.id, { event: isKept ? { ...fields, changes } : fields }];
    }),
  );
};

/** Turns that readers may see, by id, without the words that were deleted. Strongly consistent. */
export const readableTurnsOf = async (
  platform: Platform,
  project: string,
  ids: readonly string[],
): Promise<Map<string, Turn>> => {
  const all = await readTurns(platform, project, ids);
  const turns = all.filter(({ state, erased }) => state !== 'cancelled' && !erased);
  const { isCovered, readable } = await readabilityOf(platform, project, turns);
  return new Map(turns.filter((turn) => !isCovered(turn)).map((turn) => [turn.id, readable(turn)]));
};

/** Yields the parts of the files of a turn, from a position on. */
async function* filesOf(
  { blobs }: Platform,
  turn: Turn,
  after: string,
): AsyncGenerator<{ within: string; file: ArchivedFile }> {
  const ofTurn = [...digestsOf(turn)];
  for (const [index, digest] of ofTurn.entries()) {
    const name = (part: number) =>
      `${String(index).padStart(4, '0')}#${String(part).padStart(6, '0')}`;
    if (name(999_999) <= after) continue;
    const bytes = await blobs.get({ project: turn.project, turn: turn.id, digest });
    if (!bytes) continue;
    const parts = Math.max(1, Math.ceil(bytes.byteLength / partBytes));
    for (let part = 0; part < parts; part++) {
      if (name(part) <= after) continue;
      const some = bytes.subarray(part * partBytes, (part + 1) * partBytes);
      const data = Buffer.from(some).toString('base64');
      yield { within: name(part), file: { turn: turn.id, digest, ofTurn, part, parts, data } };
    }
  }
}

/** Position of a turn itself, after those of its files. */
const turnPosition = 'turn';

/** The files of a turn, then the turn. */
export const recordsOfTurn = (platform: Platform, turn: Turn): RecordsOf =>
  async function* (after = '') {
    if (after === turnPosition) return;
    for await (const { within, file } of filesOf(platform, turn, after))
      yield { within, record: { file } };
    yield { within: turnPosition, record: { turn: fieldsOf(turn, archivedTurnFields) } };
  };
