/** Values of a span: names, ids and numbers; never texts of memories, never secrets. */
export type SpanAttributes = { readonly [name: string]: string | number | boolean | undefined };

export interface SpanOptions {
  kind: 'server' | 'client' | 'consumer' | 'internal';
  attributes?: SpanAttributes;
  /** `traceparent` of the parent (W3C Trace Context). Without one, the current span is the parent. A malformed one is ignored. */
  parent?: string | undefined;
  /** Further traces that led to this work, by their `traceparent`. */
  links?: readonly string[];
}

/** Operation under way. */
export interface Span {
  set(attributes: SpanAttributes): void;
  /** Gives a span its name when that is known only at the end. */
  rename(name: string): void;
  /** Marks the operation as failed, by a stable code. */
  fail(code: string): void;
}

/** Distributed traces. Absent from a platform that exports none. */
export interface Tracing {
  /** Runs work as a span, the parent of all spans within. An exception fails the span and is thrown on. Never fails by itself. */
  span<T>(name: string, options: SpanOptions, work: (span: Span) => Promise<T>): Promise<T>;
  /** `traceparent` of the current span, for requests to others and for what is done later. */
  current(): string | undefined;
  /** Exports what is left, within two seconds. */
  close(): Promise<void>;
}
