/** Types an endpoint can subscribe to. */
export const eventTypes = [
  'event.pending',
  'event.succeeded',
  'event.failed',
  'task.succeeded',
  'task.failed',
  'memory_add',
  'memory_update',
  'memory_delete',
  'memory_categorize',
  'endpoint.disabled',
] as const;

/** `endpoint.test` is sent only to the endpoint it tests. */
export type EventType = (typeof eventTypes)[number] | 'endpoint.test';

/** A pattern is an exact name, or a prefix followed by `*`. */
const covers = (pattern: string, type: string): boolean =>
  pattern.endsWith('*') ? type.startsWith(pattern.slice(0, -1)) : pattern === type;

/** Whether a pattern can ever match: `memory_add`, `memory_*`, `event.*`, `*`. */
export const isSubscription = (pattern: string): boolean =>
  eventTypes.some((type) => covers(pattern, type));

/** An empty list of patterns matches every type. */
export const isSubscribed = (patterns: readonly string[], type: EventType): boolean =>
  patterns.length === 0 || patterns.some((pattern) => covers(pattern, type));
