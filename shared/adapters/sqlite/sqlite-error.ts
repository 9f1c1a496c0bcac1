import { RetryableError } from '../../domain/errors.ts';

/** Primary result codes, see https://sqlite.org/rescode.html */
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

/** The primary result code of an error SQLite raised; undefined for any other error. */
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

/** What a caller is told when the file cannot serve now. Errors of our own making pass unchanged. */
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

/** The same for a write that is known to have left nothing behind. */
export const unwrittenError = (error: unknown): unknown =>
  isBusy(error)
    ? new RetryableError(
        'transaction_conflict',
        'Another process is writing to the database; nothing was written.',
        undefined,
        error,
      )
    : storeError(error);
