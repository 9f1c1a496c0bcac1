import { descriptionOf } from '../../domain/memory/description.ts';
import type { Memory, MemoryView } from '../../domain/memory/memory.ts';
import { roughText, spokenMessages, type Turn } from '../../domain/memory/turn.ts';

export const viewOf = (memory: Memory): MemoryView => ({
  id: memory.id,
  text: memory.text,
  rough: false,
  ...descriptionOf(memory),
  entities: memory.entities,
  ...(memory.extraEntities ? { extraEntities: memory.extraEntities } : {}),
  attributedTo: memory.attributedTo,
  metadata: memory.metadata,
  categories: memory.categories,
  createdAt: memory.observedAt,
  updatedAt: memory.updatedAt,
  observedAt: memory.observedAt,
  ...(memory.expiresOn === undefined ? {} : { expiresOn: memory.expiresOn }),
  immutable: memory.immutable ?? false,
  ...(memory.feedback ? { feedback: memory.feedback } : {}),
  lineage: memory.lineage,
  version: memory.version,
  validFrom: memory.validFrom,
  ...(memory.validUntil === undefined ? {} : { validUntil: memory.validUntil }),
  ...(memory.supersededBy === undefined ? {} : { supersededBy: memory.supersededBy }),
});

/** View of a turn that is not refined yet: a rough memory with the turn's own id. */
export const roughView = (turn: Turn): MemoryView => ({
  id: turn.id,
  text: roughText(turn),
  rough: true,
  said: spokenMessages(turn).map(({ message }) => message),
  event: turn.event,
  turnState: turn.state === 'failed' ? 'failed' : 'pending',
  entities: turn.entities,
  attributedTo: 'user',
  metadata: turn.metadata,
  categories: [],
  createdAt: turn.observedAt,
  updatedAt: turn.createdAt,
  observedAt: turn.observedAt,
  ...(turn.options.expiresOn === undefined ? {} : { expiresOn: turn.options.expiresOn }),
  immutable: turn.options.immutable ?? false,
  ...(turn.options.feedback ? { feedback: turn.options.feedback } : {}),
  lineage: [turn.id],
  version: 0,
  validFrom: turn.observedAt,
});
