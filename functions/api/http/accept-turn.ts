import type { Context } from 'hono';
import * as z from 'zod';
import type { AcceptRequest } from '../../../shared/core/accept.ts';
import { acceptGroup, type Copies } from '../../../shared/core/accept-group.ts';
import {
  effectiveProcessing,
  processingSettings,
} from '../../../shared/core/processing/processing-settings.ts';
import { mapConcurrent } from '../../../shared/domain/map-concurrent.ts';
import { entitiesOf } from '../../../shared/domain/memory/entities.ts';
import { type Hold, holdOf, type ProcessingSettings } from '../../../shared/domain/processing.ts';
import { redactionTotal } from '../../../shared/domain/sensitive/sensitive.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import type { ApiEnv } from './api-env.ts';
import { missingEntityMessage } from './entity-ids.ts';
import { HttpError, invalid } from './http-error.ts';
import { omitNullish } from './omit-nullish.ts';
import { parse } from './parse.ts';

const IdempotencyKey = z.object({
  'Idempotency-Key': z
    .string()
    .regex(/^[!-~]{1,255}$/, 'must be 1 to 255 printable ASCII characters without spaces')
    .optional(),
});

/** An add: `processing` has the settings that it names itself; `now`: its caller waits, so it is refined at once. */
export type AddRequest = AcceptRequest & { processing: ProcessingSettings | 'now' };

/** The hold of a turn by the settings of the add, its primary owner and its project. */
const holdFor = async (
  platform: Platform,
  project: string,
  { entities, messages, processing }: AddRequest,
): Promise<{ hold?: Hold }> => {
  const [owner] = entitiesOf(entities);
  if (!owner || processing === 'now') return {};
  const settings = await processingSettings(platform, project, owner);
  const effective = effectiveProcessing(processing, settings.entity, settings.project);
  const hold = holdOf(effective, messages.length, platform.clock.now());
  return hold ? { hold } : {};
};

/**
 * Returns the `Idempotency-Key` of a request.
 * @throws HttpError 400
 */
export const idempotencyKeyOf = (c: Context<ApiEnv>): string | undefined =>
  parse(IdempotencyKey, { 'Idempotency-Key': c.req.header('idempotency-key') })['Idempotency-Key'];

export const keyReused = (): HttpError =>
  new HttpError(
    409,
    'idempotency_key_reused',
    'This Idempotency-Key was used with another request.',
    { field: 'Idempotency-Key' },
  );

/** Several turns of one request, which differ by their owners alone. */
export type AddRequests = readonly [AddRequest, ...AddRequest[]];

/**
 * Accepts the turns of a request, as `acceptGroup` does, and returns the event of the first. With an `Idempotency-Key`, a repeated
 * request returns the event of the earlier one and sets the header `Idempotent-Replayed: true`.
 * @throws HttpError 400 if the turn names no entity, 409 if the key was used with another request, 413 if the turn is too large
 */
export const acceptTurns = async (
  platform: Platform,
  c: Context<ApiEnv>,
  requests: AddRequests,
  copies?: Copies,
): ReturnType<typeof acceptWithKey> => {
  const { project } = c.get('principal');
  const accepted = await acceptWithKey(platform, project, requests, idempotencyKeyOf(c), copies);
  c.set('redacted', accepted.redacted);
  if (accepted.replayed) c.header('Idempotent-Replayed', 'true');
  return accepted;
};

/** Accepts the turns of a request with a given key, or without one; see `acceptTurns`. */
export const acceptWithKey = async (
  platform: Platform,
  project: string,
  [first, ...others]: AddRequests,
  key?: string,
  copies?: Copies,
): Promise<{ event: string; turn: string; replayed: boolean; redacted: number }> => {
  if (entitiesOf(first.entities).length === 0) throw invalid('user_id', missingEntityMessage);
  const withHold = async (request: AddRequest): Promise<AcceptRequest> => {
    const { processing: _, ...turn } = request;
    return { ...turn, ...(await holdFor(platform, project, request)) };
  };
  const withHolds: [AcceptRequest, ...AcceptRequest[]] = [
    { ...(await withHold(first)), ...omitNullish({ idempotencyKey: key }) },
    ...(await mapConcurrent(others, withHold)),
  ];
  const accepted = await acceptGroup(platform, project, withHolds, copies);
  if (accepted.outcome === 'key_reused') throw keyReused();
  if (accepted.outcome === 'too_large')
    throw new HttpError(
      413,
      'turn_too_large',
      `The turn is larger than ${Math.floor(accepted.limit / 1_000)} kB: split it into several.`,
      { field: 'messages' },
    );
  if (accepted.outcome === 'too_many')
    throw new HttpError(
      413,
      'turn_too_large',
      `The turn has more than ${accepted.limit} texts to store verbatim: split it into several.`,
      { field: 'messages' },
    );
  if (accepted.outcome === 'too_much_metadata')
    throw new HttpError(
      413,
      'turn_too_large',
      `The metadata is copied to each text that is stored verbatim, and its copies have more than ${accepted.limit / 1_000} kB together: split the turn into several.`,
      { field: 'metadata' },
    );
  const { event, turn, outcome, redacted } = accepted;
  return { event, turn, replayed: outcome === 'replayed', redacted: redactionTotal(redacted) };
};

/** Accepts one turn and its copies; see `acceptTurns`. */
export const acceptTurn = (
  platform: Platform,
  c: Context<ApiEnv>,
  request: AddRequest,
  copies?: Copies,
): ReturnType<typeof acceptTurns> => acceptTurns(platform, c, [request], copies);
