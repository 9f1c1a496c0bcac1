import type { CallOptions, Scope } from './call-interface.ts';

export interface ContextOptions extends Scope, CallOptions {
  /** Most tokens of the text, counted as 4 bytes of UTF-8 each: 50 to 32,000, 1,500 by default. */
  budget?: number | undefined;
  /** Filters of the HTTP API, verbatim. */
  filters?: { [key: string]: unknown } | undefined;
  /** Lowest score of a memory, 0 to 1. */
  threshold?: number | undefined;
  /** How unlike each other memories are to be, 0 to 1; 0 by default. */
  diversity?: number | undefined;
  /** Share of the order that is due to how recently a memory was said, 0 to 1; 0 by default. */
  recency?: number | undefined;
}

/** Memories that answer a query, as a text for a prompt. */
export interface ContextResult {
  /** Markdown; empty if nothing is related. */
  context: string;
  tokens: number;
  budget: number;
  /** Whether the budget left memories out. */
  truncated: boolean;
  /** Memories in the text, the best first. */
  memories: {
    id: string;
    score: number;
    type: 'rough' | 'refined' | 'message';
    /** ISO 8601. */
    date: string;
    /** Message that the memory was drawn from, if the query matches it. */
    sourceId?: string;
  }[];
  /** Parts of the ranking that were not available, such as `semantic`. */
  degraded?: string[];
}
