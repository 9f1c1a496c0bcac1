import { attachmentsOf } from '../../domain/memory/attachment.ts';
import type { Platform } from '../../ports/platform.ts';
import type { PendingWork } from './pending-turns.ts';

/** Most turns of one batch: with their events, the plans fit one transaction. */
export const maxBatch = 32;

const sizeOf = ({ turn }: PendingWork): number =>
  turn.messages.reduce((sum, message) => sum + message.content.length, 0);

/** Whether deciding a turn takes the language model. */
export const needsModel = ({ turn }: PendingWork): boolean => turn.options.infer;

/** Whether attachments have to be read before a turn is decided. Such a turn is decided alone. */
export const hasAttachments = ({ turn }: PendingWork): boolean =>
  turn.options.infer && attachmentsOf(turn).length > 0;

/**
 * The oldest turns that one call can decide: as many as the model takes, all with or all without inference. A turn that
 * failed before is decided alone, since it may be the cause.
 */
export const nextBatch = (
  { languageModel }: Platform,
  work: readonly PendingWork[],
): PendingWork[] => {
  const { turns, characters } = languageModel.batch;
  const [oldest] = work;
  if (!oldest || oldest.pending.failures > 0 || hasAttachments(oldest)) return work.slice(0, 1);
  const max = Math.min(turns, maxBatch, oldest.pending.maxBatchSize ?? maxBatch);
  const batch: PendingWork[] = [];
  let size = 0;
  for (const item of work.slice(0, max)) {
    size += sizeOf(item);
    const fits = batch.length === 0 || size <= characters;
    if (!fits || item.plan || hasAttachments(item) || needsModel(item) !== needsModel(oldest))
      break;
    batch.push(item);
  }
  return batch;
};

/** The oldest turns up to the first without a plan. */
export const leadingPlanned = (work: readonly PendingWork[]): PendingWork[] => {
  const end = work.findIndex(({ plan }) => !plan);
  return end === -1 ? [...work] : work.slice(0, end);
};

/**
 * Turns whose plans were made without knowledge of a turn of the batch, which is older but was committed later: such
 * plans are out of date.
 */
export const plannedWithout = (
  batch: readonly PendingWork[],
  work: readonly PendingWork[],
): PendingWork[] =>
  work.filter(({ plan }) => plan && !batch.every(({ turn }) => plan.after.includes(turn.id)));
