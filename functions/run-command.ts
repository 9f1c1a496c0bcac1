import { RetryableError, TerminalError } from '../shared/domain/errors.ts';

/** Runs a command. What we foresaw ends it with one sentence and code 1; anything else is a bug and shows where. */
export const runCommand = async (command: () => Promise<void>): Promise<void> => {
  try {
    await command();
  } catch (error) {
    const isForeseen = error instanceof TerminalError || error instanceof RetryableError;
    if (!isForeseen) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
};
