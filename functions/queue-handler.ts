import * as z from 'zod';
import type { RefineLimits } from '../shared/core/refine/refine.ts';
import { RetryableError } from '../shared/domain/errors.ts';
import type { Platform } from '../shared/ports/platform.ts';
import type { Hint } from '../shared/ports/queue.ts';
import { errorFields } from './error-fields.ts';

/** Batch of messages in the form of an SQS event. */
export interface QueueBatch {
  Records: readonly { messageId: string; body: string }[];
}

/**
 * Failed messages of a batch. `transient` marks failures whose cause goes away by itself, such as a throttled table. The
 * work of a failed hint stays due, so the sweeper sends a new hint.
 */
export interface BatchResult {
  batchItemFailures: { itemIdentifier: string; transient: boolean }[];
}

/** Limits of the work for one hint: a deadline, and where runs share a process, the admission to the language model. */
export interface HintLimits extends RefineLimits {
  /** True for short work that does not yield to requests. */
  isShort?: boolean;
}

export type HintHandler = (batch: QueueBatch, limits: HintLimits) => Promise<BatchResult>;

const v = z.literal(1);
const id = z.string().min(1);

const HintSchema: z.ZodType<Hint> = z.discriminatedUnion('kind', [
  z.object({
    v,
    kind: z.literal('refine'),
    project: id,
    scope: id,
    verbatim: z.literal(true).exactOptional(),
    files: z.literal(true).exactOptional(),
  }),
  z.object({
    v,
    kind: z.literal('index'),
    project: id,
    memory: id,
    more: z.array(id).exactOptional(),
    submission: z
      .object({
        versions: z.array(z.number()),
        submittedAt: z.number(),
        model: z.string(),
        visibleAt: z.number().exactOptional(),
      })
      .exactOptional(),
  }),
  z.object({
    v,
    kind: z.literal('finish'),
    project: id,
    turn: id,
    shown: z.object({ revision: z.number(), visibleAt: z.number() }).exactOptional(),
  }),
  z.object({ v, kind: z.literal('files'), project: id, turn: id }),
  z.object({ v, kind: z.literal('job'), project: id, job: id }),
  z.object({ v, kind: z.literal('derive'), project: id, job: id }),
  z.object({ v, kind: z.literal('outbox'), project: id, scope: id, outbox: id }),
  z.object({ v, kind: z.literal('delivery'), project: id, delivery: id }),
  z.object({ v, kind: z.literal('backlog'), project: id, endpoint: id }),
  z.object({ v, kind: z.literal('recovery'), project: id, endpoint: id, recovery: id }),
]);

/** Handles all hints of a batch concurrently. A hint whose handler throws is logged and reported as failed. */
export const createHintHandler =
  (
    { telemetry }: Pick<Platform, 'telemetry'>,
    handle: (hint: Hint, limits: HintLimits) => Promise<unknown>,
  ): HintHandler =>
  async ({ Records }, limits) => {
    const failures = await Promise.all(
      Records.map(async ({ messageId, body }) => {
        try {
          await handle(HintSchema.parse(JSON.parse(body)), limits);
          return [];
        } catch (error) {
          const transient = error instanceof RetryableError;
          const [level, event] = transient
            ? (['warn', 'hint.retry'] as const)
            : (['error', 'hint.failed'] as const);
          telemetry.log(level, event, { messageId, ...errorFields(error) });
          return [{ itemIdentifier: messageId, transient }];
        }
      }),
    );
    return { batchItemFailures: failures.flat() };
  };
