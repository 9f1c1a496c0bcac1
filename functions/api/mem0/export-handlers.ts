import type { Context } from 'hono';
import { readExport, startExport } from '../../../shared/core/derived/exports.ts';
import { summarize } from '../../../shared/core/derived/summary.ts';
import { waitForEvent } from '../../../shared/core/events.ts';
import { withRows } from '../../../shared/domain/derived/memory-row.ts';
import { canonicalJson, digestOf } from '../../../shared/domain/digest.ts';
import { isUuid } from '../../../shared/domain/ids.ts';
import { countPartConditions, type Filter } from '../../../shared/domain/memory/filter.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import { unitsOfPartConditions } from '../access/cost-units.ts';
import type { ApiEnv } from '../http/api-env.ts';
import { HttpError, invalid } from '../http/http-error.ts';
import { isRecord } from '../http/is-record.ts';
import { pacedJson } from '../http/paced-json.ts';
import { quotaExceeded } from '../http/quota.ts';
import type { ExportBody, ExportLookup, SummaryBody } from './derived-bodies.ts';
import { bytesOf, parsedSchema, shapeFrom } from './requested-shape.ts';
import { scopedByIds } from './selection.ts';

/*
 * Handlers of the routes of exports and summaries, loaded by the first request.
 */

/** Bytes of filter and schema of an export: its job stores both in one item. */
const maxRequestBytes = 300_000;

/** Time that a lookup waits for an export: clients ask right after they started it, and take any 4xx for final. */
const maxExportWaitMs = 5_000;

const filterFrom = (c: Context<ApiEnv>, body: SummaryBody): Filter => {
  const filter = scopedByIds(body, body.filters, {});
  c.get('charge')(unitsOfPartConditions(countPartConditions(filter)));
  return filter;
};

const digestOfFilter = (filter: Filter): string => digestOf(canonicalJson(filter));

/**
 * Starts an export, and answers with its id.
 * @throws HttpError 400 for a schema that cannot be used, 413, 429
 */
export const createExport = async (
  platform: Platform,
  c: Context<ApiEnv>,
  body: ExportBody,
): Promise<Response> => {
  const filter = filterFrom(c, body);
  const schema = parsedSchema(body.schema);
  if (!isRecord(schema) || Object.keys(schema).length === 0)
    throw invalid('schema', 'Schema is required and must be a valid object');
  const shape = withRows(shapeFrom(schema, 'schema'));
  if (bytesOf({ filter, shape }) > maxRequestBytes)
    throw new HttpError(
      413,
      'export_request_too_large',
      `filters and schema must not be larger than ${maxRequestBytes / 1_000} kB together.`,
      { field: 'filters' },
    );
  const instructions = body.export_instructions;
  const started = await startExport(platform, c.get('principal').project, {
    filter,
    filters: digestOfFilter(filter),
    shape,
    ...(instructions ? { instructions } : {}),
  });
  if (started.outcome === 'full') throw quotaExceeded(started);
  const message = 'Memory export request received. The export will be ready in a few seconds.';
  return c.json({ message, id: started.id, event_id: started.id }, 201);
};

const lookupFrom = (c: Context<ApiEnv>, body: ExportLookup) => {
  const id = body.memory_export_id;
  if (id == null) return { filters: digestOfFilter(filterFrom(c, body)) };
  if (isUuid(id)) return { id: id.toLowerCase() };
  throw new HttpError(400, 'invalid_id', 'memory_export_id should be a valid UUID', {
    field: 'memory_export_id',
  });
};

/**
 * Answers with an exported object. Waits up to 5 s for one that is under way.
 * @throws HttpError 400, 404, or 409 if the export is not ready even then
 */
export const getExport = async (
  platform: Platform,
  c: Context<ApiEnv>,
  body: ExportLookup,
): Promise<Response> => {
  const { project } = c.get('principal');
  const by = lookupFrom(c, body);
  const first = await readExport(platform, project, by);
  if (first.outcome === 'pending')
    await waitForEvent(platform, project, first.id, maxExportWaitMs, c.req.raw.signal);
  const found = first.outcome === 'pending' ? await readExport(platform, project, by) : first;
  switch (found.outcome) {
    case 'ready':
      return pacedJson(c, platform, found.value);
    case 'pending':
      throw new HttpError(
        409,
        'export_not_ready',
        `The export is not ready yet: its event ${found.id} reports the progress.`,
        { headers: { 'Retry-After': '1' } },
      );
    case 'failed':
      throw new HttpError(409, 'export_failed', found.error?.message ?? 'The export failed.');
    case 'erased':
      throw new HttpError(
        404,
        'export_erased',
        'The export was erased, because one of its memories was deleted: create it again.',
      );
    case 'not_found':
      throw new HttpError(404, 'export_not_found', 'No memory export request found');
  }
};

/** Answers with a summary. */
export const showSummary = async (
  platform: Platform,
  c: Context<ApiEnv>,
  body: SummaryBody,
): Promise<Response> => {
  const filter = filterFrom(c, body);
  const { project } = c.get('principal');
  const { text, isDegraded } = await summarize(platform, project, filter, c.req.raw.signal);
  if (isDegraded) c.header('Turnstone-Degraded', 'model');
  return c.json({ summary: text, ...(isDegraded && { degraded: ['model'] }) });
};
