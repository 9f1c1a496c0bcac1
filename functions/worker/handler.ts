import { removeFiles } from '../../shared/core/attachments/file-record.ts';
import { runDerivation } from '../../shared/core/derived/run-derivation.ts';
import { finishTurns } from '../../shared/core/indexing/finish-turn.ts';
import {
  indexWritten,
  type Written,
  writtenByProject,
} from '../../shared/core/indexing/index-written.ts';
import { syncIndex } from '../../shared/core/indexing/sync-index.ts';
import { runJob } from '../../shared/core/jobs/job.ts';
import { readingOnly, withoutReading } from '../../shared/core/refine/model-admission.ts';
import { refineScope } from '../../shared/core/refine/refine.ts';
import { chunksOf } from '../../shared/domain/chunks-of.ts';
import { TerminalError } from '../../shared/domain/errors.ts';
import { mapConcurrent } from '../../shared/domain/map-concurrent.ts';
import type { Platform } from '../../shared/ports/platform.ts';
import type { Hint } from '../../shared/ports/queue.ts';
import {
  createHintHandler,
  type HintHandler,
  type HintLimits,
  type Together,
} from '../queue-handler.ts';

const handleHint = (platform: Platform, hint: Hint, limits: HintLimits): Promise<unknown> => {
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
      return finishTurns(platform, hint.project, [hint]);
    case 'files':
      return removeFiles(platform, hint.project, hint.turn);
    case 'job':
      return runJob(platform, hint.project, hint.job, limits);
    case 'derive':
      return runDerivation(platform, hint.project, hint.job, limits);
    default:
      throw new TerminalError('wrong_queue', `A ${hint.kind} hint came to the worker.`);
  }
};

/** Memories that are indexed one after the other. The sweeper puts a hundred into a hint, so that a batch may have ten thousand. */
const memoriesTogether = 200;
const chunksInFlight = 4;

/** Hints of one project that keep the index, except those that follow single entries, share requests to the index and the embedder. */
const upkeepOf = (platform: Platform): Together => ({
  keyOf(hint) {
    if (hint.kind === 'finish') return `finish ${hint.project}`;
    return hint.kind === 'index' && !hint.submission ? `index ${hint.project}` : undefined;
  },
  async handle(all) {
    const turns = all.flatMap((hint) => (hint.kind === 'finish' ? [hint] : []));
    const memories = all.flatMap((hint) =>
      hint.kind === 'index' ? [hint.memory, ...(hint.more ?? [])] : [],
    );
    const project = all[0]?.project ?? '';
    if (turns.length > 0) await finishTurns(platform, project, turns);
    await mapConcurrent(
      chunksOf(memories, memoriesTogether),
      (some) => syncIndex(platform, project, some),
      chunksInFlight,
    );
  },
});

/**
 * Handles the hints of the turns queue and of the queue of upkeep. Memories and turns that the refinements of a batch wrote are indexed
 * together, after the last of them, unless the process indexes them later.
 */
export const createWorkerHandler = (platform: Platform): HintHandler => {
  const handle = createHintHandler(
    platform,
    async (hint, limits) => handleHint(platform, hint, limits),
    upkeepOf(platform),
  );
  return async (batch, limits) => {
    if (limits.defer || batch.Records.length < 2) return handle(batch, limits);
    const written: Written[] = [];
    const result = await handle(batch, {
      ...limits,
      indexLater: (one) => void written.push(one),
    });
    await Promise.all(writtenByProject(written).map((one) => indexWritten(platform, one)));
    return result;
  };
};
