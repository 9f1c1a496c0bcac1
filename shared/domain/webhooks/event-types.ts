/** What can be subscribed to. `memory_categorize` is told once categories are found after the fact. */
export const eventTypes = [
  'event.pending',
  'event.succeeded',
  'event.failed',
  'memory_add',
  'memory_update',
  'memory_delete',
  'memory_categorize',
  'endpoint.disabled',
] as const;

/** `endpoint.test` is the ping that only the endpoint it tests gets to see. */
export type EventType = (typeof eventTypes)[number] | 'endpoint.test';

/** An exact name, or everything that begins with what stands before a last `*`. */
const covers = (pattern: string, type: string): boolean =>
  pattern.endsWith('*') ? type.startsWith(pattern.slice(0, -1)) : pattern === type;

/** Whether a pattern can ever match: `memory_add`, `memory_*`, `event.*`, `*`. */
export const isSubscription = (pattern: string): boolean =>
  eventTypes.some((type) => covers(pattern, type));

/** No patterns at all ask for everything. */
export const isSubscribed = (patterns: readonly string[], type: EventType): boolean =>
  patterns.length === 0 || patterns.some((pattern) => covers(pattern, type));
