import type { Context } from 'hono';
import * as z from 'zod';
import {
  type ExportPage,
  type ExportPosition,
  type ExportRequest,
  readExportPage,
} from '../../../../shared/core/archive/export-page.ts';
import type { Platform } from '../../../../shared/ports/platform.ts';
import { errorFields } from '../../../error-fields.ts';
import { unitsByWork } from '../../access/cost-units.ts';
import type { ApiEnv } from '../../http/api-env.ts';
import { badCursor } from '../../http/cursor.ts';
import { HttpError } from '../../http/http-error.ts';

/*
 * Handler of the route that exports an archive, loaded by the first request.
 */

const Position = z.strictObject({
  place: z.string(),
  cursor: z.string().exactOptional(),
  sk: z.string().exactOptional(),
  within: z.string().exactOptional(),
}) satisfies z.ZodType<ExportPosition>;

/** The first record of an archive. */
const header = JSON.stringify({ archive: { version: 1 } });
/** The last record of a complete archive. */
const end = JSON.stringify({ end: true });

const encodeCursor = (position: ExportPosition): string =>
  Buffer.from(JSON.stringify(position)).toString('base64url');

const decodeCursor = (cursor: string): ExportPosition => {
  try {
    return Position.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch {
    throw badCursor();
  }
};

const textOf = ({ records }: ExportPage, last: readonly string[]): string =>
  [...records, ...last].map((record) => `${record}\n`).join('');

const nextRecord = (position: ExportPosition): string =>
  JSON.stringify({ next: encodeCursor(position) });

const encoder = new TextEncoder();

/** Whether the limits of the key allow one more page. */
const mayGoOn = (c: Context<ApiEnv>): boolean => {
  try {
    c.get('charge')(unitsByWork.list);
    return true;
  } catch (error) {
    if (error instanceof HttpError) return false;
    throw error;
  }
};

/**
 * Answers with an archive as JSON Lines. The first page is read before the answer begins. With `streams` the pages after it follow as fast
 * as the client reads them; otherwise, and when the rate limit is reached, the last record has the cursor of the next request.
 */
export const exportArchive = async (
  platform: Platform,
  c: Context<ApiEnv>,
  request: ExportRequest,
  { after, streams }: { after: string | undefined; streams: boolean },
): Promise<Response> => {
  const { project } = c.get('principal');
  // A turn that leaves the direct reads meanwhile is sent once.
  const seen = new Set<string>();
  const read = async (position: ExportPosition | undefined): Promise<ExportPage> => {
    const page = await readExportPage(platform, project, request, position, seen);
    if (!page) throw badCursor();
    return page;
  };
  const first = await read(after === undefined ? undefined : decodeCursor(after));
  const started = after === undefined ? `${header}\n` : '';
  const headers = { 'Content-Type': 'application/jsonl; charset=utf-8' };
  if (!streams || !first.next) {
    const last = first.next ? nextRecord(first.next) : end;
    return c.body(`${started}${textOf(first, [last])}`, 200, headers);
  }
  let position: ExportPosition | undefined = first.next;
  let text = `${started}${textOf(first, [])}`;
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        controller.enqueue(encoder.encode(text));
        if (!position) return controller.close();
        try {
          if (!mayGoOn(c)) {
            text = `${nextRecord(position)}\n`;
            position = undefined;
            return;
          }
          const page: ExportPage = await read(position);
          position = page.next;
          text = textOf(page, position ? [] : [end]);
        } catch (error) {
          platform.telemetry.log('warn', 'export.interrupted', {
            requestId: c.get('requestId'),
            ...errorFields(error),
          });
          // The client reads no last record, and so knows that something is missing.
          controller.error(error);
        }
      },
    },
    { highWaterMark: 0 },
  );
  return c.body(body, 200, headers);
};
