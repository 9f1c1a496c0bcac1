import type { ModelAdmission } from '../../shared/core/refine/model-admission.ts';
import type { Hint } from '../../shared/ports/queue.ts';
import type { Telemetry } from '../../shared/ports/telemetry.ts';
import { errorFields } from '../error-fields.ts';
import type { HintLimits } from '../queue-handler.ts';
import { createFairLimiter, type FairLimiter } from './fair-limiter.ts';

/**
 * Slots per class of work in this process (bulkhead pattern). No class waits for another, so work without a model call
 * never waits for a model: `verbatim` turns and jobs call no model, `refine` is the part before and after a call of the
 * language model, `read` fetches links and reads files before the model is asked, `index` may wait for the embedder, `files`
 * removes files, `derive` makes exports and profiles, with a model or without.
 */
const slotCounts = { verbatim: 4, refine: 4, read: 8, index: 2, files: 2, job: 2, derive: 2 };
type WorkClass = keyof typeof slotCounts;

/** Slots of the class `read` that one project may hold: links that are slow, or hang, leave the others to other projects. */
const readersPerProject = 4;

const classOf = (hint: Hint): WorkClass => {
  switch (hint.kind) {
    case 'refine':
      if (hint.files) return 'read';
      return hint.verbatim ? 'verbatim' : 'refine';
    case 'job':
    case 'derive':
    case 'files':
      return hint.kind;
    default:
      return 'index';
  }
};

/** True for short work without a model call. Such work does not yield to requests. */
export const isShort = (hint: Hint): boolean => ['verbatim', 'job'].includes(classOf(hint));

/** Slot of a run. `leave` returns the slot, or the model permit that the run holds instead. */
export interface Slot {
  limits: Pick<HintLimits, 'model' | 'giveWay' | 'defer' | 'isShort'>;
  leave(): void;
}

export interface WorkClasses {
  /**
   * Waits for a slot of the hint's class. Returns undefined if the process stops first.
   * @param onAdmitted awaited each time the run gets a slot or permit after a wait
   */
  enter(hint: Hint, onAdmitted: () => Promise<void>): Promise<Slot | undefined>;
  /** Resolves once all work passed to `defer` has ended. */
  idle(): Promise<void>;
}

/** Admission of a run that neither calls the model nor reads files. Turns that need either are left to another run. */
const noModel: ModelAdmission = {
  tryEnter: () => false,
  enter: async () => false,
  isContended: () => false,
  exit: async () => true,
  mayRead: () => false,
};

/**
 * Divides the capacity of this process among classes of work, and within a class fairly among projects. A run that calls
 * the language model holds one of `modelConcurrency` permits instead of a slot; while a run waits for a permit it holds
 * neither, so waiting runs block no others.
 */
export const createWorkClasses = (
  modelConcurrency: number,
  stop: AbortSignal,
  telemetry: Telemetry,
): WorkClasses => {
  const models = createFairLimiter(modelConcurrency);
  const slots: { [name in WorkClass]: FairLimiter } = {
    verbatim: createFairLimiter(slotCounts.verbatim),
    refine: createFairLimiter(slotCounts.refine),
    read: createFairLimiter(slotCounts.read, readersPerProject),
    index: createFairLimiter(slotCounts.index),
    files: createFairLimiter(slotCounts.files),
    job: createFairLimiter(slotCounts.job),
    derive: createFairLimiter(slotCounts.derive),
  };
  const deferred = new Set<Promise<void>>();

  const runDeferred = async (project: string, work: () => Promise<void>): Promise<void> => {
    if (!(await slots.index.enter(project, stop))) return;
    try {
      await work();
    } catch (error) {
      telemetry.log('error', 'deferred.failed', errorFields(error));
    } finally {
      slots.index.leave(project);
    }
  };

  return {
    async enter(hint, onAdmitted) {
      const { project } = hint;
      const name = classOf(hint);
      let current: FairLimiter | undefined;

      const leave = (): void => {
        current?.leave(project);
        current = undefined;
      };
      const move = async (to: FairLimiter): Promise<boolean> => {
        leave();
        const waits = !to.tryEnter(project);
        if (waits && !(await to.enter(project, stop))) return false;
        current = to;
        if (waits) await onAdmitted();
        return true;
      };
      const model: ModelAdmission = {
        tryEnter() {
          if (current === models) return true;
          if (!models.tryEnter(project)) return false;
          leave();
          current = models;
          return true;
        },
        enter: () => move(models),
        isContended: () => models.waiting() > 0,
        // Work without a file does not wait for those that read.
        exit: () => move(slots[name === 'read' ? 'refine' : name]),
        mayRead: () => current === slots.read,
      };

      if (!(await move(slots[name]))) return undefined;
      return {
        leave,
        limits: {
          model: name === 'verbatim' ? noModel : model,
          isShort: isShort(hint),
          giveWay: async () => slots[name].waiting() === 0 || move(slots[name]),
          defer(work: () => Promise<void>) {
            const run = runDeferred(project, work).finally(() => deferred.delete(run));
            deferred.add(run);
          },
        },
      };
    },
    async idle() {
      await Promise.all(deferred);
    },
  };
};
