import type { Metadata, Role } from './turn.ts';

export type ChangeType = 'ADD' | 'UPDATE' | 'DELETE' | 'NONE';

/** What a turn did to one memory, as told to its owner. NONE carries a reason: nothing is learnt silently. */
export interface Change {
  type: ChangeType;
  memory?: string;
  text?: string;
  previousText?: string;
  reason?: string;
  /** Its text was erased on request. */
  erased?: boolean;
}

/** A change decided and saved before anything is applied; a retry resumes from it and never asks the model again. */
export type PlannedChange =
  /** With a version when what was said is left out because of that memory: it must still stand when this is applied. */
  | { type: 'NONE'; reason: string; memory?: string; text?: string; version?: number }
  /** Already known, but not under every entity the turn names: the memory is filed under those too. */
  | { type: 'NONE'; reason: string; memory: string; text: string; addEntitiesAtVersion: number }
  | { type: 'DELETE'; memory: string; version: number; previousText: string; reason?: string }
  | (PlannedText & { type: 'ADD'; memory: string })
  | (PlannedText & { type: 'UPDATE'; memory: string; version: number; previousText: string });

export interface PlannedText {
  text: string;
  /** Position of the message it rests on: what is searched is made from that when it is applied. */
  source: number;
  /** The turn before, when what is searched borrows from it, and what it borrows. */
  context?: string;
  contextText?: string;
  /** Base64 of float32s; absent when the embedder was down: the indexer embeds then. */
  vector?: string;
  vectorModel?: string;
  /** Whose words it rests on. */
  attributedTo: Role;
  categories?: string[];
  metadata?: Metadata;
}
