import type { ModelAdmission } from '../../shared/core/refine/model-admission.ts';
import type { Hint } from '../../shared/ports/queue.ts';
import type { Telemetry } from '../../shared/ports/telemetry.ts';
import { errorFields } from '../error-fields.ts';
import type { HintLimits } from '../queue-handler.ts';
import { createFairLimiter, type FairLimiter } from './fair-limiter.ts';

/**
 * Slots of each class of work in this process. No class waits for another, so that what needs no model never waits for one:
 * `verbatim` turns and `job`s ask no model at all, `refine` is what comes before and after a call of the language model,
 * `index` may wait for the embedder.
 */
const slotsOf = { verbatim: 4, refine: 4, index: 2, job: 2 };
type WorkClass = keyof typeof slotsOf;

const classOf = (hint: Hint): WorkClass => {
  if (hint.kind === 'refine') return hint.verbatim ? 'verbatim' : 'refine';
  return hint.kind === 'job' ? 'job' : 'index';
};

/** Short work that asks no model: it does not make way for requests. */
export const isPrompt = (hint: Hint): boolean => ['verbatim', 'job'].includes(classOf(hint));

/** A run's place among the others, until it is left. */
export interface Place {
  limits: Pick<HintLimits, 'model' | 'defer' | 'isPrompt'>;
  leave(): void;
}

export interface WorkClasses {
  /**
   * Waits for a slot of the hint's class; undefined once the process ends.
   * @param admitted awaited whenever the run was let in after it had to wait
   */
  enter(hint: Hint, admitted: () => Promise<void>): Promise<Place | undefined>;
  /** Resolves once nothing is left that was put off for later. */
  idle(): Promise<void>;
}

/** A run that asks no model; turns that need one are left to another run. */
const noModel: ModelAdmission = {
  tryEnter: () => false,
  enter: async () => false,
  isContended: () => false,
  exit: async () => true,
};

/**
 * Shares this process out between classes of work, within a class between projects. A run that asks the language model
 * holds one of `modelConcurrency` permits instead of a slot, and while it waits for one it holds nothing.
 */
export const createWorkClasses = (
  modelConcurrency: number,
  stop: AbortSignal,
  telemetry: Telemetry,
): WorkClasses => {
  const models = createFairLimiter(modelConcurrency);
  const slots: { [name in WorkClass]: FairLimiter } = {
    verbatim: createFairLimiter(slotsOf.verbatim),
    refine: createFairLimiter(slotsOf.refine),
    index: createFairLimiter(slotsOf.index),
    job: createFairLimiter(slotsOf.job),
  };
  const putOff = new Set<Promise<void>>();

  const doLater = async (project: string, work: () => Promise<void>): Promise<void> => {
    if (!(await slots.index.enter(project, stop))) return;
    try {
      await work();
    } catch (error) {
      telemetry.log('error', 'later.failed', errorFields(error));
    } finally {
      slots.index.leave();
    }
  };

  return {
    async enter(hint, admitted) {
      const { project } = hint;
      const name = classOf(hint);
      let held: FairLimiter | undefined;

      const leave = (): void => {
        held?.leave();
        held = undefined;
      };
      const move = async (to: FairLimiter): Promise<boolean> => {
        leave();
        const waits = !to.tryEnter();
        if (waits && !(await to.enter(project, stop))) return false;
        held = to;
        if (waits) await admitted();
        return true;
      };
      const model: ModelAdmission = {
        tryEnter() {
          if (held === models) return true;
          if (!models.tryEnter()) return false;
          leave();
          held = models;
          return true;
        },
        enter: () => move(models),
        isContended: () => models.waiting() > 0,
        exit: () => move(slots[name]),
      };

      if (!(await move(slots[name]))) return undefined;
      return {
        leave,
        limits: {
          model: name === 'verbatim' ? noModel : model,
          isPrompt: isPrompt(hint),
          defer(work) {
            const done = doLater(project, work).finally(() => putOff.delete(done));
            putOff.add(done);
          },
        },
      };
    },
    async idle() {
      await Promise.all(putOff);
    },
  };
};
