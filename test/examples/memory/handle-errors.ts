import {
  AuthenticationError,
  ConfigurationError,
  ConnectionError,
  NotFoundError,
  PendingError,
  RefinementError,
  TurnstoneError,
  ValidationError,
} from '../../../functions/library/index.ts';

const adviceOf = (error: TurnstoneError): string => {
  if (error instanceof PendingError) return `wait for ${error.eventId}`;
  if (error instanceof RefinementError) return 'read the event';
  if (error instanceof NotFoundError) return 'the id is unknown or deleted';
  if (error instanceof ValidationError) return `correct ${error.field ?? 'the call'}`;
  if (error instanceof AuthenticationError) return 'check the API key';
  if (error instanceof ConfigurationError) return 'correct the options';
  return error instanceof ConnectionError ? 'try again later' : 'report a bug';
};

/** Runs a call. Returns its result, or what failed, where, and what helps. Errors of other origin are thrown on. */
export const handleErrors = async <T>(
  call: () => Promise<T>,
): Promise<{ result: T } | { code: string; operation: string; advice: string }> => {
  try {
    return { result: await call() };
  } catch (error) {
    if (!(error instanceof TurnstoneError)) throw error;
    return { code: error.code, operation: error.operation, advice: adviceOf(error) };
  }
};
