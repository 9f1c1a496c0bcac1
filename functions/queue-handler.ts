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

type Failures = BatchResult['batchItemFailures'];

export type HintHandler = (batch: QueueBatch, limits: HintLimits) => Promise<BatchResult>;

const v = z.literal(1);
const id = z.string().min(1);

const SubmissionSchema = z.object({
  versions: z.array(z.number()),
  submittedAt: z.number(),
  model: z.string(),
  visibleAt: z.number().exactOptional(),
});

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
    submission: SubmissionSchema.exactOptional(),
  }),
  z.object({
    v,
    kind: z.literal('finish'),
    project: id,
    turn: id,
    shown: z.object({ revision: z.number(), visibleAt: z.number() }).exactOptional(),
    memories: z.array(id).exactOptional(),
    submission: SubmissionSchema.exactOptional(),
  }),
  z.object({ v, kind: z.literal('files'), project: id, turn: id }),
  z.object({ v, kind: z.literal('job'), project: id, job: id }),
  z.object({ v, kind: z.literal('derive'), project: id, job: id }),
  z.object({ v, kind: z.literal('outbox'), project: id, scope: id, outbox: id }),
  z.object({ v, kind: z.literal('delivery'), project: id, delivery: id }),
  z.object({ v, kind: z.literal('backlog'), project: id, endpoint: id }),
  z.object({ v, kind: z.literal('recovery'), project: id, endpoint: id, recovery: id }),
]);

/** Hints that are handled together, because the work for them shares requests. */
export interface Together {
  /** Name that hints have in common if they are handled together; undefined for a hint that is handled alone. */
  keyOf(hint: Hint): string | undefined;
  handle(hints: readonly Hint[]): Promise<unknown>;
}

interface Received {
  messageId: string;
  hint: Hint;
}

/**
 * Handles all hints of a batch concurrently. A hint whose handler throws is logged and reported as failed. When hints that are handled
 * together meet a bug, each of them is handled alone.
 */
export const createHintHandler =
  (
    { telemetry }: Pick<Platform, 'telemetry'>,
    handle: (hint: Hint, limits: HintLimits) => Promise<unknown>,
    together?: Together,
  ): HintHandler =>
  async ({ Records }, limits) => {
    const failed = (messageId: string, error: unknown): Failures[number] => {
      const transient = error instanceof RetryableError;
      const [level, event] = transient
        ? (['warn', 'hint.retry'] as const)
        : (['error', 'hint.failed'] as const);
      telemetry.log(level, event, { messageId, ...errorFields(error) });
      return { itemIdentifier: messageId, transient };
    };
    const handleOne = async ({ messageId, hint }: Received): Promise<Failures> => {
      try {
        await handle(hint, limits);
        return [];
      } catch (error) {
        return [failed(messageId, error)];
      }
    };
    const handleAll = async (some: readonly Received[]): Promise<Failures> => {
      try {
        await together?.handle(some.map(({ hint }) => hint));
        return [];
      } catch (error) {
        if (error instanceof RetryableError)
          return some.map(({ messageId }) => failed(messageId, error));
        return (await Promise.all(some.map(handleOne))).flat();
      }
    };
    const unread: Failures = [];
    const received = Records.flatMap(({ messageId, body }): Received[] => {
      try {
        return [{ messageId, hint: HintSchema.parse(JSON.parse(body)) }];
      } catch (error) {
        unread.push(failed(messageId, error));
        return [];
      }
    });
    const groups = Map.groupBy(
      received,
      ({ messageId, hint }) => together?.keyOf(hint) ?? `alone ${messageId}`,
    );
    const failures = await Promise.all(
      [...groups.values()].map((some) => {
        const [first] = some;
        return some.length === 1 && first ? handleOne(first) : handleAll(some);
      }),
    );
    return { batchItemFailures: [...failures.flat(), ...unread] };
  };
