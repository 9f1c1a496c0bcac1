import * as z from 'zod';
import { type Feedback, feedbackValues } from '../../../shared/domain/memory/turn.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import { HttpError } from '../http/http-error.ts';
import { limits } from '../http/limits.ts';
import { omitNullish } from '../http/omit-nullish.ts';
import { redactedEdit } from '../http/redacted-edit.ts';
import { createRoutes } from '../http/routes.ts';
import { describe } from '../openapi/describe.ts';
import { exampleIds } from '../openapi/example-ids.openapi.ts';
import { AnyMemoryId } from './batch.ts';
import { memoryNotFound } from './errors.ts';
import { GivenFeedback } from './memory.openapi.ts';

const FeedbackBody = z.object({
  memory_id: AnyMemoryId,
  feedback: z
    .preprocess(
      (value) => (typeof value === 'string' ? value.toUpperCase() : value),
      z.enum(feedbackValues),
    )
    .nullish(),
  feedback_reason: z.string().max(limits.feedbackReasonLength).nullish(),
});

const feedbackOf = ({
  feedback: value,
  feedback_reason: reason,
}: z.output<typeof FeedbackBody>): Feedback | undefined =>
  value == null ? undefined : { value, ...(reason ? { reason } : {}) };

/** `POST /v1/feedback`: keeps the opinion of a client with a memory. */
export const feedbackRoutes = (platform: Platform) => {
  const routes = createRoutes('mem0: memories');

  routes.post('/v1/feedback', {
    permission: 'write',
    work: 'change',
    body: FeedbackBody,
    openapi: describe(() => ({
      operationId: 'giveFeedback',
      summary: 'Say what you think of a memory',
      description:
        'Replaces earlier feedback on the memory; without `feedback`, or with null, clears it. The text of the memory, its history and its `updated_at` stay as they are.',
      responses: { 200: GivenFeedback },
      errors: {
        400: ['sensitive_value'],
        404: ['memory_not_found'],
        409: ['memory_closed', 'message_is_source'],
      },
      example: {
        body: {
          memory_id: exampleIds.memory,
          feedback: 'NEGATIVE',
          feedback_reason: 'She eats fish.',
        },
      },
    })),
    handler: async (c, read) => {
      const body = await read.body();
      const asked = feedbackOf(body);
      const { text: reason } = await redactedEdit(
        platform,
        c,
        omitNullish({ text: asked?.reason }),
        { text: 'feedback_reason' },
      );
      const feedback = asked && { value: asked.value, ...omitNullish({ reason }) };
      const { memory_id: id } = body;
      const { giveFeedback } = await import('../../../shared/core/memories/give-feedback.ts');
      const outcome = await giveFeedback(platform, c.get('principal').project, id, feedback);
      if (outcome === 'not_found') throw memoryNotFound();
      if (outcome === 'closed')
        throw new HttpError(
          409,
          'memory_closed',
          'This memory is no longer true: give feedback on the memory in replaced_by.',
        );
      if (outcome === 'is_source')
        throw new HttpError(
          409,
          'message_is_source',
          'Feedback is kept with memories: give it on one that was drawn from this message.',
        );
      return c.json({
        id,
        feedback: feedback?.value ?? null,
        feedback_reason: feedback?.reason ?? null,
      });
    },
  });

  return routes.all;
};
