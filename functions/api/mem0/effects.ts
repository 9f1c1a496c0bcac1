import type { EventView } from '../../../shared/core/events.ts';
import type { AttachmentOutcome } from '../../../shared/domain/memory/attachment.ts';
import type { Change } from '../../../shared/domain/memory/change.ts';

/** Returns the changes that are results on this surface. Clients take every result for a memory, so a NONE is left out. */
export const effectsOf = (changes: readonly Change[]): Change[] =>
  changes.filter(({ type }) => type !== 'NONE');

/** Sentences about what was not read of each attachment: `attachment 0 (pdf): The link was answered with the status 404.` */
const unreadOf = (attachments: readonly AttachmentOutcome[]): string[] =>
  attachments.flatMap(({ part, type, reason }) =>
    reason === undefined ? [] : [`attachment ${part} (${type}): ${reason}`],
  );

/**
 * Returns why nothing was learnt, and what of the attachments and parts was not read: all reasons, each once. Undefined if a memory
 * changed and all was read.
 */
export const reasonOf = ({
  changes,
  attachments = [],
  skipped = [],
}: Pick<EventView, 'changes' | 'attachments' | 'skipped'>): string | undefined => {
  const unchanged =
    effectsOf(changes).length > 0 ? [] : changes.flatMap(({ reason }) => (reason ? [reason] : []));
  const reasons = [...unchanged, ...unreadOf(attachments), ...skipped].map((one) =>
    one.replace(/\.$/, ''),
  );
  return reasons.length === 0 ? undefined : `${[...new Set(reasons)].join('; ')}.`;
};
