import type { Metadata } from '../memory/turn.ts';
import { maskedUrl } from './masked-url.ts';
import type { Fact, Outbox } from './outbox.ts';
import type {
  CategoriesPayload,
  DisabledPayload,
  EventPayload,
  MemoryPayload,
  TaskPayload,
} from './payload-schema.ts';

/** Bytes of UTF-8 JSON; receivers can rely on less than 20 kB. */
const maxBytes = 19_900;
/** Larger metadata is removed when it does not fit together with the texts. */
const maxMetadataBytes = 4_000;
const maxMessageLength = 2_000;
const ellipsis = '…';

/** Fact about a memory. */
export type MemoryFact = Extract<Fact, { memory: string }>;

const sizeOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** Truncates a text to so many bytes of JSON, with an ellipsis, without splitting a character. */
const truncateTo = (text: string, bytes: number): string => {
  if (sizeOf(text) <= bytes) return text;
  let kept = text.slice(0, bytes);
  while (kept !== '' && sizeOf(kept + ellipsis) > bytes)
    kept = kept.slice(0, Math.floor(kept.length * 0.95));
  return kept.replace(/[\uD800-\uDBFF]$/, '') + ellipsis;
};

const commonOf = ({ project, entities }: Outbox) => ({
  project,
  user_id: entities.user ?? null,
  agent_id: entities.agent ?? null,
  app_id: entities.app ?? null,
  run_id: entities.run ?? null,
});

const timeOf = ({ createdAt }: Outbox): string => new Date(createdAt).toISOString();

const textsOf = ({ type, text, previousText }: Omit<MemoryFact, 'truncated'>) => ({
  ...(text === undefined ? {} : { new_text: text }),
  ...(previousText === undefined && type === 'memory_add'
    ? {}
    : { old_text: previousText ?? null }),
});

const eventOperations = {
  'event.pending': 'PENDING',
  'event.succeeded': 'SUCCEEDED',
  'event.failed': 'FAILED',
} as const;

const memoryOperations = {
  memory_add: 'ADD',
  memory_update: 'UPDATE',
  memory_delete: 'DELETE',
} as const;

interface Content {
  text?: string;
  previousText?: string;
  metadata: Metadata;
  truncated: readonly string[];
}

const memoryPayload = (
  outbox: Outbox,
  fact: Omit<MemoryFact, 'truncated'>,
  content: Content,
): string => {
  const { type, memory, event, categories, occursOn } = fact;
  const { truncated, metadata } = content;
  const payload: MemoryPayload = {
    type,
    timestamp: timeOf(outbox),
    data: {
      ...commonOf(outbox),
      event_id: event ?? null,
      memory_id: memory,
      ...textsOf({ ...fact, ...content }),
      ...(occursOn === undefined ? {} : { occurs_on: occursOn }),
      metadata,
      categories,
      ...(truncated.length > 0 ? { truncated: [...truncated] } : {}),
    },
    event_details: {
      id: memory,
      data: { memory: content.text ?? content.previousText ?? null },
      event: memoryOperations[type],
    },
  };
  return JSON.stringify(payload);
};

/** Removes large metadata first, then truncates each text to an equal share of the remaining bytes. */
const truncatedPayload = (outbox: Outbox, fact: MemoryFact): string => {
  const { text, previousText, metadata } = fact;
  const truncatedBefore = fact.truncated ?? [];
  const whole = { ...fact, truncated: truncatedBefore };
  const full = memoryPayload(outbox, fact, whole);
  if (Buffer.byteLength(full) <= maxBytes) return full;
  const keepsMetadata = sizeOf(metadata) <= maxMetadataBytes;
  const truncated = [
    ...(text === undefined ? [] : ['new_text']),
    ...(previousText === undefined ? [] : ['old_text']),
    ...(keepsMetadata ? [] : ['metadata']),
  ];
  const rest = { metadata: keepsMetadata ? metadata : {}, truncated };
  const empty = {
    ...(text === undefined ? {} : { text: '' }),
    ...(previousText === undefined ? {} : { previousText: '' }),
  };
  const remainingBytes =
    maxBytes - Buffer.byteLength(memoryPayload(outbox, fact, { ...rest, ...empty }));
  // `event_details` repeats one of the two texts.
  const share = Math.floor(remainingBytes / 3) - 20;
  const cut = {
    ...(text === undefined ? {} : { text: truncateTo(text, share) }),
    ...(previousText === undefined ? {} : { previousText: truncateTo(previousText, share) }),
  };
  const names = truncated.filter(
    (name) =>
      name === 'metadata' ||
      (name === 'new_text' ? cut.text !== text : cut.previousText !== previousText),
  );
  const all = [...new Set([...names, ...truncatedBefore])];
  return memoryPayload(outbox, fact, { ...rest, ...cut, truncated: all });
};

/** Body of the notification about the categories of a memory: deterministic, and less than 20 kB. */
export const categoriesPayloadOf = (
  outbox: Outbox,
  { memory, event, categories, truncated }: MemoryFact,
): string => {
  const payload: CategoriesPayload = {
    type: 'memory_categorize',
    timestamp: timeOf(outbox),
    data: {
      ...commonOf(outbox),
      event_id: event ?? null,
      memory_id: memory,
      categories,
      ...(truncated?.includes('categories') ? { truncated: ['categories'] } : {}),
    },
    event_details: { event: 'CATEGORIZE', memory_id: memory, categories },
  };
  return JSON.stringify(payload);
};

type DisabledFact = Extract<Fact, { type: 'endpoint.disabled' }>;

const disabledPayload = (outbox: Outbox, { type, endpoint, url, reason }: DisabledFact): string => {
  const payload: DisabledPayload = {
    type,
    timestamp: timeOf(outbox),
    data: { ...commonOf(outbox), endpoint_id: endpoint, url, reason },
    event_details: { id: endpoint, data: {}, event: 'DISABLED' },
  };
  return JSON.stringify(payload);
};

type TaskFact = Extract<Fact, { added: number }>;
type EventFact = Exclude<Extract<Fact, { event: string }>, TaskFact | MemoryFact>;

const failureOf = (fact: TaskFact | EventFact) =>
  'error' in fact && fact.error
    ? { error: { ...fact.error, message: fact.error.message.slice(0, maxMessageLength) } }
    : {};

const taskPayload = (outbox: Outbox, fact: TaskFact): string => {
  const { type, event, added, updated } = fact;
  const payload: TaskPayload = {
    type,
    timestamp: timeOf(outbox),
    data: { ...commonOf(outbox), task_id: event, added, updated, ...failureOf(fact) },
    event_details: {
      id: event,
      data: {},
      event: type === 'task.failed' ? 'FAILED' : 'SUCCEEDED',
    },
  };
  return JSON.stringify(payload);
};

const eventPayload = (outbox: Outbox, fact: EventFact) => {
  const { type, event } = fact;
  const payload: EventPayload = {
    type,
    timestamp: timeOf(outbox),
    data: { ...commonOf(outbox), event_id: event, ...failureOf(fact) },
    event_details: { id: event, data: {}, event: eventOperations[type] },
  };
  return JSON.stringify(payload);
};

/** Body of a notification: deterministic, and less than 20 kB. `payload-schema.ts` has the schemas. */
export const payloadOf = (outbox: Outbox, fact: Fact): string => {
  if ('memory' in fact) return truncatedPayload(outbox, fact);
  if ('added' in fact) return taskPayload(outbox, fact);
  return fact.type === 'endpoint.disabled'
    ? disabledPayload(outbox, fact)
    : eventPayload(outbox, fact);
};

const isRecord = (value: unknown): value is { [key: string]: unknown } =>
  typeof value === 'object' && value !== null;

/** Removes every text of the memory from a body, and its categories, for an erasure. */
export const withoutTexts = (body: string): string => {
  const payload: unknown = JSON.parse(body);
  if (!isRecord(payload) || !isRecord(payload['data'])) return body;
  const { new_text: _, old_text: __, truncated: ___, occurs_on: ____, ...data } = payload['data'];
  const details = isRecord(payload['event_details']) ? payload['event_details'] : {};
  if (payload['type'] === 'memory_categorize')
    return JSON.stringify({
      ...payload,
      data: { ...data, categories: [], erased: true },
      event_details: { ...details, categories: [] },
    });
  return JSON.stringify({
    ...payload,
    data: { ...data, metadata: {}, categories: [], erased: true },
    event_details: { ...details, data: { memory: null } },
  });
};

/** Masks secret parts of the endpoint's URL in a body. */
export const withMaskedUrl = (body: string): string => {
  const payload: unknown = JSON.parse(body);
  if (!isRecord(payload) || !isRecord(payload['data'])) return body;
  const { data } = payload;
  if (typeof data['url'] !== 'string') return body;
  return JSON.stringify({ ...payload, data: { ...data, url: maskedUrl(data['url']) } });
};
