import type { EventStatus, PendingAdd } from './call-interface.ts';
import { type ErrorContext, RefinementError, ValidationError } from './errors.ts';
import type {
  AddedMemory,
  AddOptions,
  AddResult,
  EventResult,
  MemoryEvent,
  Messages,
} from './memory-interface.ts';
import type { Requester } from './transport.ts';
import { pollEvent, timeoutOf } from './wait-for-event.ts';

interface AddAnswer {
  eventId: string;
  status: EventStatus;
  results?: AddedMemory[];
  reason?: string;
}

const messagesOf = (messages: Messages): unknown => {
  if (typeof messages === 'string') return [{ role: 'user', content: messages }];
  return messages instanceof Object && !Array.isArray(messages) ? [messages] : messages;
};

/** @throws ValidationError for a Date that is none */
export const timeOf = (
  time: AddOptions['timestamp'],
  context: ErrorContext,
  field = 'timestamp',
): string | number | undefined => {
  if (!(time instanceof Date)) return time;
  if (!Number.isNaN(time.getTime())) return time.toISOString();
  throw new ValidationError('invalid_request', `${field} must be a valid Date.`, context, {
    field,
  });
};

const dayOf = (day: AddOptions['expirationDate'], context: ErrorContext) =>
  day instanceof Date ? String(timeOf(day, context, 'expirationDate')).slice(0, 10) : day;

/** Makes a key for the repeats of one call. `randomUUID` is missing in browsers on pages without TLS. */
export const newKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join('-');

const isChange = (result: EventResult): result is EventResult & AddedMemory =>
  result.event !== 'NONE' && result.id !== null;

/** Returns why nothing was learnt, and what of the attachments was not read, as the HTTP API says it. */
const reasonOf = ({ results, attachments = [] }: MemoryEvent): string | undefined => {
  const unchanged = results.some(isChange) ? [] : results.flatMap(({ reason = [] }) => reason);
  const unread = attachments.flatMap(({ part, type, reason }) =>
    reason === undefined ? [] : [`attachment ${part} (${type}): ${reason}`],
  );
  const reasons = [...unchanged, ...unread].map((one) => one.replace(/\.$/, ''));
  return reasons.length === 0 ? undefined : `${[...new Set(reasons)].join('; ')}.`;
};

/** Returns what a finished event did. @throws RefinementError for an event that failed or was cancelled */
const resultOf = (event: MemoryEvent, context: ErrorContext): AddResult => {
  const { id: eventId, status, error, results, ignored, redacted, suspicious } = event;
  if (status !== 'SUCCEEDED')
    throw new RefinementError(
      error?.code ?? 'cancelled',
      error?.message ?? 'The event was cancelled.',
      { ...context, eventId },
    );
  const changes = results.filter(isChange);
  const reason = reasonOf(event);
  return {
    results: changes.map(({ id, event: type, memory, previousMemory }) => ({
      id,
      event: type,
      memory,
      ...(previousMemory === undefined ? {} : { previousMemory }),
    })),
    ...(reason === undefined ? {} : { reason }),
    ...(ignored === undefined ? {} : { ignored }),
    ...(redacted === undefined ? {} : { redacted }),
    ...(suspicious === undefined ? {} : { suspicious }),
    eventId,
  };
};

/** Adds a turn, and waits for its refinement unless `wait` is false. See `add` of MemoryOperations. */
export const addTurn = async (
  request: Requester,
  messages: Messages,
  options: AddOptions,
  context: ErrorContext,
): Promise<AddResult | PendingAdd> => {
  const timeoutMs = timeoutOf(options.timeoutMs, context);
  const answer = await request<AddAnswer>(
    {
      method: 'POST',
      path: '/v3/memories/add',
      headers: { 'idempotency-key': options.idempotencyKey ?? newKey() },
      body: {
        messages: messagesOf(messages),
        user_id: options.userId,
        agent_id: options.agentId,
        app_id: options.appId,
        run_id: options.runId,
        metadata: options.metadata,
        infer: options.infer,
        timestamp: timeOf(options.timestamp, context),
        expiration_date: dayOf(options.expirationDate, context),
        custom_categories: options.customCategories,
        custom_instructions: options.customInstructions,
        includes: options.includes,
        excludes: options.excludes,
        immutable: options.immutable,
        // An add is refined at once, whatever the settings of its user and project.
        auto_process: true,
        batch_threshold: 1,
      },
      signal: options.signal,
    },
    context,
  );
  const { eventId, status } = answer;
  if (options.wait === false) return { eventId, status };
  const known = { ...context, eventId };
  return resultOf(await pollEvent(request, eventId, timeoutMs, options.signal, known), known);
};
