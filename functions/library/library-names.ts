/** Converts a name of the HTTP API to camel case. */
export const camelKey = (key: string): string =>
  key.replace(/_([a-z])/g, (_, initial: string) => initial.toUpperCase());

/** Names of the HTTP API that are more than another spelling of the library's. */
const renamed: { readonly [name: string]: string } = {
  memory_id: 'id',
  event_id: 'id',
  'Idempotency-Key': 'idempotencyKey',
};

const names =
  /(?<![\w.`"'-])(?:Idempotency-Key|memory_id|event_id|user_id|agent_id|app_id|run_id|top_k|expiration_date|custom_categories|custom_instructions|include_rough|include_messages|include_expired|at_time|auto_process|batch_threshold)(?![\w-])/g;

const nameOf = (name: string): string => renamed[name] ?? camelKey(name);

/** A refused field, and the sentence about it. */
interface Refusal {
  field: string | undefined;
  sentence: string;
}

/** Names options in a refusal of the HTTP API as the library does. Keys of filters and metadata are the caller's and stay. */
export const refusalOf = ({ field, sentence }: Refusal): Refusal =>
  field !== undefined && /^(?:filters|metadata)\b/.test(field)
    ? { field, sentence }
    : { field: field?.replace(names, nameOf), sentence: sentence.replace(names, nameOf) };
