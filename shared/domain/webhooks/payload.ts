import { entityKinds } from '../memory/entities.ts';
import type { Json, Metadata } from '../memory/turn.ts';
import { maskedUrl } from './masked-url.ts';
import type { Fact, Outbox } from './outbox.ts';

/** Bytes of UTF-8 JSON; receivers can rely on less than 20 kB. */
const maxBytes = 19_900;
/** Larger metadata is removed when it does not fit together with the texts. */
const maxMetadataBytes = 4_000;
const maxMessageLength = 2_000;
const ellipsis = '…';

type MemoryFact = Extract<Fact, { memory: string }>;

const sizeOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** Truncates a text to so many bytes of JSON, with an ellipsis, without splitting a character. */
const truncateTo = (text: string, bytes: number): string => {
  if (sizeOf(text) <= bytes) return text;
  let kept = text.slice(0, bytes);
  while (kept !== '' && sizeOf(kept + ellipsis) > bytes)
    kept = kept.slice(0, Math.floor(kept.length * 0.95));
  return kept.replace(/[\uD800-\uDBFF]$/, '') + ellipsis;
};

const idsOf = ({ entities }: Outbox): { [field: string]: Json } =>
  Object.fromEntries(entityKinds.map((kind) => [`${kind}_id`, entities[kind] ?? null]));

const textsOf = ({ type, text, previousText }: Omit<MemoryFact, 'truncated'>) => ({
  ...(text === undefined ? {} : { new_text: text }),
  ...(previousText === undefined && type === 'memory_add'
    ? {}
    : { old_text: previousText ?? null }),
});

const operationOf = (type: string): string => type.slice(type.search(/[._]/) + 1).toUpperCase();

const toJson = (outbox: Outbox, fact: Pick<Fact, 'type'>, data: object, detail: object): string =>
  JSON.stringify({
    type: fact.type,
    timestamp: new Date(outbox.createdAt).toISOString(),
    data: { project: outbox.project, ...idsOf(outbox), ...data },
    event_details: { ...detail, event: operationOf(fact.type) },
  });

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
  const { memory, event, categories } = fact;
  const { truncated, metadata } = content;
  const texts = textsOf({ ...fact, ...content });
  return toJson(
    outbox,
    fact,
    {
      event_id: event ?? null,
      memory_id: memory,
      ...texts,
      metadata,
      categories,
      ...(truncated.length > 0 ? { truncated } : {}),
    },
    { id: memory, data: { memory: content.text ?? content.previousText ?? null } },
  );
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

/** Body of a notification: deterministic, and less than 20 kB. */
export const payloadOf = (outbox: Outbox, fact: Fact): string => {
  if ('memory' in fact) return truncatedPayload(outbox, fact);
  if (fact.type === 'endpoint.disabled') {
    const { endpoint, url, reason } = fact;
    return toJson(outbox, fact, { endpoint_id: endpoint, url, reason }, { id: endpoint, data: {} });
  }
  const { event } = fact;
  const failure =
    'error' in fact
      ? { error: { ...fact.error, message: fact.error.message.slice(0, maxMessageLength) } }
      : {};
  return toJson(outbox, fact, { event_id: event, ...failure }, { id: event, data: {} });
};

const isRecord = (value: unknown): value is { [key: string]: unknown } =>
  typeof value === 'object' && value !== null;

/** Removes every text of the memory from a body, for an erasure. */
export const withoutTexts = (body: string): string => {
  const payload: unknown = JSON.parse(body);
  if (!isRecord(payload) || !isRecord(payload['data'])) return body;
  const { new_text: _, old_text: __, truncated: ___, ...data } = payload['data'];
  const details = isRecord(payload['event_details']) ? payload['event_details'] : {};
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
