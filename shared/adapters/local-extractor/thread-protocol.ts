import type { DecideRequest, ProposedChange } from '../../ports/language-model.ts';

/** What the thread of the rules is asked. */
export type Order =
  | { type: 'decide'; call: number; request: DecideRequest; kept: ReadonlyMap<number, string> }
  /** The call was given up. */
  | { type: 'drop'; call: number };

/** What it is at work on. */
export interface Step {
  call: number;
  /** Its turn; undefined while the memories of the request are taken in. */
  turn?: number;
  /** CPU time of the thread until here, ms. */
  cpuMs: number;
}

/** What it answers. `begun` comes before each step, so that it is known what a thread that hangs or dies was at. */
export type Report =
  | { type: 'ready' }
  | { type: 'begun'; step: Step }
  /** It threw at this step, and is about to end. */
  | { type: 'failed'; step: Step }
  | { type: 'decided'; call: number; changes: ProposedChange[] };
