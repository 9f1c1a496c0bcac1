import type { Platform } from '../../ports/platform.ts';
import type { PendingWork } from './pending-turns.ts';

/** Most turns decided together: their plans fit one transaction. */
export const maxBatch = 32;

const sizeOf = ({ turn }: PendingWork): number =>
  turn.messages.reduce((sum, message) => sum + message.content.length, 0);

/** Whether a turn that has no plan yet needs the language model. */
export const needsModel = ({ turn }: PendingWork): boolean => turn.options.infer;

/** The oldest turns that can be decided in one call. One that failed before goes alone: it may be why. */
export const nextBatch = (
  { languageModel }: Platform,
  work: readonly PendingWork[],
): PendingWork[] => {
  const { turns, characters } = languageModel.batch;
  const [oldest] = work;
  if (!oldest || oldest.pending.failures > 0) return work.slice(0, 1);
  const max = Math.min(turns, maxBatch, oldest.pending.together ?? maxBatch);
  const batch: PendingWork[] = [];
  let size = 0;
  for (const item of work.slice(0, max)) {
    size += sizeOf(item);
    const fits = batch.length === 0 || size <= characters;
    if (!fits || item.plan || needsModel(item) !== needsModel(oldest)) break;
    batch.push(item);
  }
  return batch;
};

/** Planned turns that come first, oldest first. */
export const alreadyPlanned = (work: readonly PendingWork[]): PendingWork[] => {
  const end = work.findIndex(({ plan }) => !plan);
  return end === -1 ? [...work] : work.slice(0, end);
};

/** Later turns that were planned before the batch was there: they are decided again, together with it. */
export const unawareOf = (
  batch: readonly PendingWork[],
  work: readonly PendingWork[],
): PendingWork[] =>
  work.filter(({ plan }) => plan && !batch.every(({ turn }) => plan.after.includes(turn.id)));
