import { RetryableError, TerminalError, toErrorInfo } from '../shared/domain/errors.ts';
import type { LogFields } from '../shared/ports/telemetry.ts';

/** What the log tells of an error. The text of an unforeseen one may quote a memory, so only where it was thrown. */
export const errorFields = (error: unknown): LogFields => {
  const { code, message } = toErrorInfo(error);
  if (error instanceof RetryableError || error instanceof TerminalError) return { code, message };
  const frames =
    error instanceof Error ? (error.stack ?? '').replace(error.message, '').split('\n') : [];
  const where = frames.filter((line) => line.startsWith('    at ')).slice(0, 3);
  return {
    code,
    name: error instanceof Error ? error.name : typeof error,
    where: where.map((line) => line.trim()).join(' '),
  };
};
