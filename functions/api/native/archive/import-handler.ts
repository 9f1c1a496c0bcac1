import type { Context } from 'hono';
import {
  type Restored,
  restoreEndpoint,
  restoreEntity,
  restoreEvent,
  restoreMemory,
  restoreRevision,
} from '../../../../shared/core/archive/restore.ts';
import { restoreFile, restoreTurn } from '../../../../shared/core/archive/restore-turn.ts';
import { jsonBytes, maxItemBytes } from '../../../../shared/core/store-limits.ts';
import { createPace } from '../../../../shared/core/yield-to-loop.ts';
import type { FullPlatform } from '../../../../shared/ports/platform.ts';
import { unitsPerItem } from '../../access/cost-units.ts';
import type { ApiEnv } from '../../http/api-env.ts';
import { invalid } from '../../http/http-error.ts';
import { parse } from '../../http/parse.ts';
import type { ImportBody } from './body.ts';
import { RecordSchema, typed } from './record-schema.ts';

type Parsed = ReturnType<typeof parseRecord>;

const parseRecord = (record: object, index: number) => {
  const at = `records[${index}]`;
  if (Object.keys(record).length !== 1)
    throw invalid(
      at,
      `${at} must have exactly one of entity, memory, revision, event, turn and endpoint.`,
    );
  return typed(parse(RecordSchema, record, `${at}.`));
};

/** Bytes of a record that fits an item of the store, with what is made of it. */
const maxRecordBytes = maxItemBytes * 0.8;

const restore = (
  platform: FullPlatform,
  project: string,
  { entity, memory, revision, event, turn, endpoint }: Parsed,
): Promise<Restored> | Restored => {
  if (entity) return restoreEntity(platform, project, entity);
  if (memory) return restoreMemory(platform, project, memory);
  if (revision) return restoreRevision(platform, project, revision);
  if (event) return restoreEvent(platform, project, event);
  if (turn) return restoreTurn(platform, project, turn);
  return endpoint ? restoreEndpoint(platform, project, endpoint) : 'refused';
};

/** Restores the records of a request in their order, and says what became of each. */
export const importRecords = async (
  platform: FullPlatform,
  c: Context<ApiEnv>,
  { records, file }: ImportBody,
): Promise<Response> => {
  const { project } = c.get('principal');
  c.get('charge')((records.length + file.length) * unitsPerItem);
  const pace = createPace(platform);
  const parsed: Parsed[] = [];
  for (const [index, record] of records.entries()) {
    parsed.push(parseRecord(record, index));
    await pace.pause();
  }
  const outcomes: Restored[] = [];
  for (const { turn, digest, of_turn: ofTurn, content } of file) {
    const bytes = Buffer.from(content, 'base64');
    outcomes.push(await restoreFile(platform, project, { turn, digest, ofTurn, bytes }));
  }
  for (const record of parsed) {
    const fits = jsonBytes(record) <= maxRecordBytes;
    outcomes.push(fits ? await restore(platform, project, record) : 'refused');
    await pace.pause();
  }
  return c.json({ outcomes });
};
