import * as z from 'zod';
import type { RefineLimits } from '../shared/core/refine/refine.ts';
import { RetryableError } from '../shared/domain/errors.ts';
import type { Platform } from '../shared/ports/platform.ts';
import type { Hint } from '../shared/ports/queue.ts';
import { errorFields } from './error-fields.ts';

/** Hints as a queue delivers them, several at a time. */
export interface QueueBatch {
  Records: readonly { messageId: string; body: string }[];
}

/** What failed; `passing`: of a cause that may pass, and nobody's mistake here. What such a hint stood for stays due. */
export interface BatchAnswer {
  batchItemFailures: { itemIdentifier: string; transient: boolean }[];
}

/** Limits of the work for one hint. */
export interface HintLimits extends RefineLimits {
  /** Short work, which does not yield to API requests. */
  isPrompt?: boolean;
}

export type HintHandler = (batch: QueueBatch, limits: HintLimits) => Promise<BatchAnswer>;

const v = z.literal(1);
const id = z.string().min(1);

const HintSchema: z.ZodType<Hint> = z.discriminatedUnion('kind', [
  z.object({
    v,
    kind: z.literal('refine'),
    project: id,
    scope: id,
    verbatim: z.literal(true).exactOptional(),
  }),
  z.object({ v, kind: z.literal('index'), project: id, memory: id }),
  z.object({ v, kind: z.literal('settle'), project: id, turn: id }),
  z.object({ v, kind: z.literal('job'), project: id, job: id }),
  z.object({ v, kind: z.literal('outbox'), project: id, scope: id, outbox: id }),
  z.object({ v, kind: z.literal('delivery'), project: id, delivery: id }),
  z.object({ v, kind: z.literal('backlog'), project: id, endpoint: id }),
  z.object({ v, kind: z.literal('recovery'), project: id, endpoint: id, recovery: id }),
]);

/** Runs `perform` on every hint of a batch at once; those that throw are logged and reported for another delivery. */
export const createHintHandler =
  (
    { telemetry }: Pick<Platform, 'telemetry'>,
    perform: (hint: Hint, limits: HintLimits) => Promise<unknown>,
  ): HintHandler =>
  async ({ Records }, limits) => {
    const failures = await Promise.all(
      Records.map(async ({ messageId, body }) => {
        try {
          await perform(HintSchema.parse(JSON.parse(body)), limits);
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
