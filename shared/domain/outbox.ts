import type { Entities } from './entities.ts';
import type { Fault } from './errors.ts';
import type { Metadata, Turn } from './turn.ts';

/** Something customers can be told, written in the transaction that makes it true. */
export type Fact =
  | { type: 'event.pending' | 'event.succeeded'; event: string }
  | { type: 'event.failed'; event: string; error: Fault }
  | {
      type: 'memory_add' | 'memory_update' | 'memory_delete';
      event?: string;
      memory: string;
      text?: string;
      previousText?: string;
      metadata: Metadata;
      categories: string[];
    }
  | { type: 'endpoint.disabled'; endpoint: string; url: string; reason: 'gone' | 'failing' };

/** Its id is derived from what made it, so that whoever erases a memory can find what still tells of it. */
export interface Outbox {
  id: string;
  project: string;
  entities: Entities;
  facts: Fact[];
  createdAt: number;
}

/** What accepting a turn tells. */
export const pendingOutbox = (
  turn: Pick<Turn, 'id' | 'project' | 'event' | 'entities' | 'createdAt'>,
): Outbox => ({
  id: `${turn.id}.pending`,
  project: turn.project,
  entities: turn.entities,
  facts: [{ type: 'event.pending', event: turn.event }],
  createdAt: turn.createdAt,
});

/** The outbox that tells that a turn was taken in, for one that tells what became of it. */
export const pendingOutboxOf = (outbox: string): string | undefined => {
  const [turn, rest] = outbox.split('.', 2);
  return rest === 'end' || rest === 'failed' ? `${turn}.pending` : undefined;
};

/** What applying a turn tells. */
export const endOutboxId = (turn: string): string => `${turn}.end`;

/** What giving up a turn tells; it can be retried and fail again, so each failure has an id of its own. */
export const failureOutboxId = (turn: string, failure: string): string =>
  `${turn}.failed.${failure}`;

/** What one API write of a memory tells. */
export const writeOutboxId = (memory: string, version: number): string => `${memory}.v${version}`;

/** What disabling an endpoint tells; `version`: the one that is disabled. */
export const disabledOutboxId = (endpoint: string, version: number): string =>
  `${endpoint}.disabled.${version}`;
