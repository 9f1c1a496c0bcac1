import type { Memory } from '../../../shared/domain/memory/memory.ts';
import type { Turn } from '../../../shared/domain/memory/turn.ts';
import { writesOf } from '../../../shared/simulation/history.ts';
import type { Write } from '../../../shared/simulation/memory-table.ts';

const quoted = (text: string): string => `“${text}”`;

const turnInWords = (before: Turn | undefined, after: Turn): string[] => {
  if (!before)
    return [
      `stores ${quoted(after.messages.map(({ content }) => content).join(' '))}: found from now on, as it was said`,
    ];
  if (before.state !== 'applied' && after.state === 'applied') return ['publishes the refinement'];
  if (before.state !== after.state) return [`marks an add as ${after.state}`];
  return [];
};

const memoryInWords = (before: Memory | undefined, after: Memory): string[] => {
  if (after.supersededBy !== undefined) return [];
  if (before?.state === 'live' && after.state === 'closed')
    return [`closes ${quoted(before.text)}, which is no longer true`];
  if (before?.state === 'live' && after.state === 'deleted')
    return [`deletes ${quoted(before.text)}`];
  if (!before) return [`makes the memory ${quoted(after.text)}`];
  if (before.text !== after.text)
    return [`replaces ${quoted(before.text)} by ${quoted(after.text)}`];
  return [];
};

const leaseInWords = (writes: readonly Write[]): string[] =>
  writesOf(writes, 'LEASE').flatMap(({ before, after }) => {
    if (after?.token === undefined) return before?.token === undefined ? [] : ['ends its lease'];
    if (before?.token === after.token) return ['renews its lease'];
    return ['takes the lease of the user'];
  });

const planInWords = (writes: readonly Write[]): string[] =>
  writesOf(writes, 'PEND').some(({ before, after }) => after?.plan && !before?.plan)
    ? ['saves the plan of the model, before any of it is written']
    : [];

const pointersInWords = (writes: readonly Write[]): string[] =>
  writesOf(writes, 'RECENT').some(({ before, after }) => before && !after)
    ? ['ends direct reads, since every copy of the index shows the writes']
    : [];

const eventsInWords = (writes: readonly Write[]): string[] =>
  writesOf(writes, 'EVENT').some(
    ({ before, after }) => before?.status === 'PENDING' && after?.status === 'RUNNING',
  )
    ? ['starts to refine']
    : [];

/** Says in plain words what a transaction wrote; undefined for the bookkeeping of the index and of what is due. */
export const commitInWords = (writes: readonly Write[]): string | undefined => {
  const parts = [
    ...writesOf(writes, 'MEMORY').flatMap(({ before, after }) =>
      after ? memoryInWords(before, after) : [],
    ),
    ...writesOf(writes, 'TURN').flatMap(({ before, after }) =>
      after ? turnInWords(before, after) : [],
    ),
    ...eventsInWords(writes),
    ...planInWords(writes),
    ...leaseInWords(writes),
    ...pointersInWords(writes),
  ];
  return parts.length > 0 ? parts.join('; ') : undefined;
};
