/** What ranking looks at: a memory or a rough turn that may answer a query. */
export interface Candidate {
  id: string;
  /** Stems of its index text with their counts. */
  terms: { readonly [stem: string]: number };
  /** Cosine with the query, when both have a vector. */
  semantic?: number;
  /** When it was said, ms since 1970. */
  observedAt: number;
  /** Run id, or the turn's own id when there is no run. */
  session?: string;
  /** Turn ids, oldest first. */
  lineage: readonly string[];
  text: string;
  rough: boolean;
}
