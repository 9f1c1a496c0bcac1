import type { Attempt } from '../../domain/webhooks/attempt.ts';
import type { Trigger } from '../../domain/webhooks/delivery.ts';
import type { Endpoint } from '../../domain/webhooks/endpoint.ts';
import { errorOfStatus } from '../../domain/webhooks/response.ts';
import type { PostResult } from '../../ports/outbound.ts';
import type { WebhookPlatform } from '../../ports/platform.ts';
import type { SignedRequest } from './signing.ts';

/** Which attempt it is. */
export interface AttemptRef {
  delivery: string;
  number: number;
  trigger: Trigger;
}

export interface Sent {
  attempt: Attempt;
  /** As it was when this left. */
  endpoint: Endpoint;
  /** What the receiver asked to wait, in ms. */
  retryAfterMs?: number;
}

const resultOf = (
  outcome: PostResult,
): Omit<Attempt, keyof AttemptRef | 'startedAt' | 'url' | 'requestHeaders'> => {
  const { timings, remoteAddress } = outcome;
  const place = remoteAddress === undefined ? {} : { remoteAddress };
  if ('error' in outcome)
    return { ok: false, error: outcome.error, message: outcome.message, timings, ...place };
  const { status, headers, bodyExcerpt, truncated } = outcome;
  const error = errorOfStatus(status);
  return {
    ok: error === undefined,
    ...(error === undefined ? {} : { error }),
    status,
    responseHeaders: headers,
    responseBody: bodyExcerpt,
    truncated,
    timings,
    ...place,
  };
};

/** One POST; over within its time, whatever the receiver does. */
export const post = async (
  { outbound, clock, policy }: WebhookPlatform,
  endpoint: Endpoint,
  { headers, loggedHeaders, body }: SignedRequest,
  which: AttemptRef,
): Promise<Sent> => {
  const { url } = endpoint;
  const startedAt = clock.now();
  const outcome = await outbound.post({ url, headers, body, timeoutMs: policy.webhookTimeoutMs });
  const wait = 'status' in outcome ? outcome.retryAfterMs : undefined;
  return {
    attempt: { ...which, startedAt, url, requestHeaders: loggedHeaders, ...resultOf(outcome) },
    endpoint,
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  };
};
