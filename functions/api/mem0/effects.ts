import type { Change } from '../../../shared/domain/memory/change.ts';

/** Returns the changes that are results on this surface. Clients take every result for a memory, so a NONE is left out. */
export const effectsOf = (changes: readonly Change[]): Change[] =>
  changes.filter(({ type }) => type !== 'NONE');

/** Returns why nothing was learnt: the reasons of all changes, each once. Undefined if a memory changed. */
export const reasonOf = (changes: readonly Change[]): string | undefined => {
  if (changes.length === 0 || effectsOf(changes).length > 0) return undefined;
  const reasons = changes.flatMap(({ reason }) => (reason ? [reason.replace(/\.$/, '')] : []));
  return reasons.length === 0 ? undefined : `${[...new Set(reasons)].join('; ')}.`;
};
