import { TerminalError } from '../../domain/errors.ts';
import type { Step } from '../../ports/store.ts';
import { itemTooLarge } from './errors.ts';
import type { Draft } from './write-request.ts';

const maxSteps = 100;
const maxItemBytes = 400 * 1024;
const maxTransactionBytes = 4 * 1024 * 1024;

/** @throws TypeError */
export const assertValidTransaction = (steps: readonly Step[]): void => {
  if (steps.length > maxSteps)
    throw new TypeError(`a transaction has at most ${maxSteps} steps, not ${steps.length}`);
  const items = new Set(steps.map(({ key }) => JSON.stringify([key.pk, key.sk])));
  if (items.size < steps.length)
    throw new TypeError('no two steps of a transaction name the same item');
};

/**
 * The table refuses these too, but not in words that say which.
 *
 * @throws TerminalError item_too_large, transaction_too_large
 */
export const refuseTooLarge = (drafts: readonly Draft[]): void => {
  const large = drafts.find(({ size }) => size > maxItemBytes);
  if (large) throw itemTooLarge(`A ${large.step.key.kind} item`);
  if (drafts.reduce((sum, { size }) => sum + size, 0) > maxTransactionBytes)
    throw new TerminalError(
      'transaction_too_large',
      'What is written together is larger than the 4 MB that a transaction may have.',
    );
};
