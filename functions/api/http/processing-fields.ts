import * as z from 'zod';
import { effectiveProcessing } from '../../../shared/core/processing/processing-settings.ts';
import type { ProcessingSettings } from '../../../shared/domain/processing.ts';
import { omitNullish } from './omit-nullish.ts';

/** Most messages of a `batch_threshold`: the worker reads the turns that wait for it. */
const maxThreshold = 1_000;
/** A day. */
const maxIdleSeconds = 86_400;

const wholeNumber = (max: number) =>
  z
    .int(`must be a whole number, 1 to ${max}`)
    .min(1, `must be 1 to ${max}`)
    .max(max, `must be 1 to ${max}`);

/** Fields that say when turns are refined, of an add, a user and a project; null means: as the next one says. */
export const processingFields = {
  auto_process: z.boolean().nullish(),
  batch_threshold: wholeNumber(maxThreshold).nullish(),
  idle_seconds: wholeNumber(maxIdleSeconds).nullish(),
};

type Fields = {
  auto_process?: boolean | null | undefined;
  batch_threshold?: number | null | undefined;
  idle_seconds?: number | null | undefined;
};

export const processingFrom = (fields: Fields): ProcessingSettings =>
  omitNullish({
    autoProcess: fields.auto_process,
    batchThreshold: fields.batch_threshold,
    idleSeconds: fields.idle_seconds,
  });

/** Builds the settings as they apply: each one from the first of the sources that has it. */
export const processingBody = (...sources: readonly ProcessingSettings[]) => {
  const { autoProcess, batchThreshold, idleSeconds } = effectiveProcessing(...sources);
  return {
    auto_process: autoProcess,
    batch_threshold: batchThreshold,
    idle_seconds: idleSeconds ?? null,
  };
};
