import { RetryableError, TerminalError } from '../shared/domain/errors.ts';

/** Runs a command. An expected error ends the process with one sentence and exit code 1; any other is a bug and keeps its stack. */
export const runCommand = async (command: () => Promise<void>): Promise<void> => {
  try {
    await command();
  } catch (error) {
    const isExpected = error instanceof TerminalError || error instanceof RetryableError;
    if (!isExpected) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
};
