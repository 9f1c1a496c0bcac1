import { RetryableError } from '../../domain/errors.ts';
import type { TimeSlices } from './time-slices.ts';

/** Primary result codes: https://sqlite.org/rescode.html */
export const resultCode = {
  permission: 3,
  busy: 5,
  locked: 6,
  noMemory: 7,
  readOnly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  protocol: 15,
  notADatabase: 26,
} as const;

const unavailable: readonly number[] = [
  resultCode.permission,
  resultCode.noMemory,
  resultCode.readOnly,
  resultCode.ioError,
  resultCode.full,
  resultCode.cannotOpen,
  resultCode.protocol,
];

/** Returns the primary result code of an error that SQLite raised, undefined for any other error. */
export const resultCodeOf = (error: unknown): number | undefined =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode & 0xff
    : undefined;

export const isBusy = (error: unknown): boolean => {
  const code = resultCodeOf(error);
  return code === resultCode.busy || code === resultCode.locked;
};

const isClosed = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_INVALID_STATE';

const isDamage = (code: number | undefined): boolean =>
  code === resultCode.corrupt || code === resultCode.notADatabase;

/**
 * Maps an error of SQLite to the error of the `Store` port: `data_damaged`, or `store_unavailable`, where a commit may
 * have succeeded. Any other error, such as a bug of ours, is returned unchanged.
 */
export const storeError = (error: unknown): unknown => {
  const code = resultCodeOf(error);
  if (isDamage(code))
    return new RetryableError(
      'data_damaged',
      'A page of the database is damaged: stop the service and restore a backup.',
      undefined,
      error,
    );
  const mayPass =
    isBusy(error) || isClosed(error) || (code !== undefined && unavailable.includes(code));
  if (!mayPass || !(error instanceof Error)) return error;
  return new RetryableError(
    'store_unavailable',
    `The database cannot be used now: ${error.message}.`,
    undefined,
    error,
  );
};

/**
 * Maps like `storeError` an error before the commit: nothing was written, so that a busy file is a
 * `transaction_conflict`.
 */
export const unwrittenError = (error: unknown): unknown =>
  isBusy(error)
    ? new RetryableError(
        'transaction_conflict',
        'Another process is writing to the database; nothing was written.',
        undefined,
        error,
      )
    : storeError(error);

/** Maps an error of the fsync after a commit, which may be lost when the machine stops. */
export const unsyncedError = (error: unknown): RetryableError =>
  new RetryableError(
    'store_unavailable',
    'The database cannot be brought to the disk now.',
    undefined,
    error,
  );

/** Runs a computation of SQLite in as many time slices as it takes, and throws its errors as errors of the `Store` port. */
export const stepsWithStoreErrors = async <T>(
  { runSteps }: Pick<TimeSlices, 'runSteps'>,
  steps: Generator<undefined, T>,
): Promise<T> => {
  try {
    return await runSteps(steps);
  } catch (error) {
    throw storeError(error);
  }
};

/** Runs synchronous work of SQLite within a time slice, and throws its errors as errors of the `Store` port. */
export const withStoreErrors = async <T>(
  { run }: Pick<TimeSlices, 'run'>,
  work: () => T,
): Promise<T> => {
  try {
    return await run(work);
  } catch (error) {
    throw storeError(error);
  }
};
