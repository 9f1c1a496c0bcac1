import { RetryableError, TerminalError, toErrorInfo } from '../shared/domain/errors.ts';
import type { LogFields } from '../shared/ports/telemetry.ts';

/**
 * Returns the log fields of an error. The message of an unexpected error may quote a memory, so for such an error only
 * its name and the first stack frames are logged.
 */
export const errorFields = (error: unknown): LogFields => {
  const { code, message } = toErrorInfo(error);
  if (error instanceof RetryableError || error instanceof TerminalError) return { code, message };
  const frames =
    error instanceof Error ? (error.stack ?? '').replace(error.message, '').split('\n') : [];
  const stack = frames.filter((line) => line.startsWith('    at ')).slice(0, 3);
  return {
    code,
    name: error instanceof Error ? error.name : typeof error,
    where: stack.map((line) => line.trim()).join(' '),
  };
};
