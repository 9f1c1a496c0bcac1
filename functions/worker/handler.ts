import { removeFiles } from '../../shared/core/attachments/file-record.ts';
import { runDerivation } from '../../shared/core/derived/run-derivation.ts';
import { finishTurn } from '../../shared/core/indexing/finish-turn.ts';
import { syncIndex } from '../../shared/core/indexing/sync-index.ts';
import { runJob } from '../../shared/core/jobs/job.ts';
import { readingOnly, withoutReading } from '../../shared/core/refine/model-admission.ts';
import { refineScope } from '../../shared/core/refine/refine.ts';
import { TerminalError } from '../../shared/domain/errors.ts';
import type { Platform } from '../../shared/ports/platform.ts';
import { createHintHandler, type HintHandler } from '../queue-handler.ts';

/** Handles the hints of the turns queue. */
export const createWorkerHandler = (platform: Platform): HintHandler =>
  createHintHandler(platform, async (hint, limits) => {
    switch (hint.kind) {
      case 'refine':
        return refineScope(platform, hint.project, hint.scope, {
          // A function has no work classes: the hint says whether a run reads files or asks the model.
          model: hint.files ? readingOnly : withoutReading,
          ...limits,
        });
      case 'index':
        return syncIndex(
          platform,
          hint.project,
          [hint.memory, ...(hint.more ?? [])],
          hint.submission,
        );
      case 'finish':
        return finishTurn(platform, hint.project, hint.turn, hint.shown);
      case 'files':
        return removeFiles(platform, hint.project, hint.turn);
      case 'job':
        return runJob(platform, hint.project, hint.job, limits);
      case 'derive':
        return runDerivation(platform, hint.project, hint.job, limits);
      default:
        throw new TerminalError('wrong_queue', `A ${hint.kind} hint came to the worker.`);
    }
  });
