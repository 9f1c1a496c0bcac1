import type { MemoryKind, TextDescription } from './description.ts';
import type { Entities } from './entities.ts';
import type { Metadata, Role } from './turn.ts';

export type ChangeType = 'ADD' | 'UPDATE' | 'DELETE' | 'NONE';

/** Effect of a turn on one memory, as the API and webhooks show it. NONE has a reason, so that nothing is dropped silently. */
export interface Change {
  type: ChangeType;
  memory?: string;
  text?: string;
  previousText?: string;
  reason?: string;
  /** Entities of the memory, where they are not those of the event. */
  entities?: Entities;
  /** Kind of a memory that was added or updated. */
  kind?: MemoryKind;
  /** Whether the texts were erased on request. */
  erased?: boolean;
}

/** The change without what it quotes. */
export const withoutTexts = (change: Change): Change => {
  const { text: _, previousText: __, reason: ___, ...rest } = change;
  return { ...rest, erased: true };
};

/** A change of a plan, saved before anything is applied: a retry resumes from the plan without another model call. */
export type PlannedChange =
  /** Has a version when the turn repeats that memory: on apply, the memory must still be at that version. */
  | {
      type: 'NONE';
      reason: string;
      memory?: string;
      text?: string;
      version?: number;
      source?: number;
      /** Number of the attachment of which the reason says what was left out. */
      part?: number;
    }
  /** The memory is known, but not under every entity that the turn names: on apply, those entities are added to it. */
  | {
      type: 'NONE';
      reason: string;
      memory: string;
      text: string;
      addEntitiesAtVersion: number;
      source?: number;
    }
  | {
      type: 'DELETE';
      memory: string;
      version: number;
      previousText: string;
      reason?: string;
      /** Position of the message that takes the memory back, when the model named it. */
      source?: number;
    }
  | (PlannedText & { type: 'ADD'; memory: string })
  | (PlannedText & { type: 'UPDATE'; memory: string; version: number; previousText: string });

/** Whether a planned change writes no memory. */
export const isNoop = (change: PlannedChange): boolean =>
  change.type === 'NONE' && !('addEntitiesAtVersion' in change);

export interface PlannedText extends TextDescription {
  text: string;
  /** Position of the source message in the turn. */
  source: number;
  /** Role of the speaker of the source message. */
  attributedTo: Role;
  /** The text is kept as it was said. */
  verbatim?: true;
  categories?: string[];
  structuredData?: Metadata;
}
