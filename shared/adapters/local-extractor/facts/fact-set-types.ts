import type { ProposedChange } from '../../../ports/language-model.ts';
import type { TakenBack } from '../statements/taken-back.ts';
import type { Finding } from './finding.ts';
import type { Replacement } from './replacements.ts';

/** Source of a finding. */
export interface Origin {
  turn: number;
  /** Position of the message; absent for a finding about the turn as a whole. */
  message?: number;
  observedAt: number;
}

/** Working set of facts, and the changes that the findings of the turns cause. */
export interface FactSet {
  changes: readonly ProposedChange[];
  /** Compares a finding with the known facts and appends the resulting change. */
  addFinding(finding: Finding, origin: Origin): void;
  /** Deletes the only known fact about what was taken back. Returns whether there was exactly one, which may be deleted. */
  revert(taken: TakenBack, origin: Origin): boolean;
  /** Puts a value into the newest fact that has another one in its place. Returns whether there was one. */
  replaceValue(replacement: Replacement, origin: Origin): boolean;
  /** Adds a text verbatim, without comparing the text with any fact. */
  keepVerbatim(text: string, origin: Origin): void;
  /** Number of memories that are too long to be compared. */
  longMemories: number;
  /** Names of people and pets that the known facts introduce. */
  names(): ReadonlySet<string>;
  /** Relative or pet whom the newest fact is about. */
  lastMentioned(): string | undefined;
}
