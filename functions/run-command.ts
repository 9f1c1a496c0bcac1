import { RetryableError, TerminalError } from '../shared/domain/errors.ts';

const asksForHelp = (args: readonly string[]): boolean =>
  args.includes('--help') || args.includes('-h');

/**
 * Runs a command, or prints its usage for `--help` and does nothing else. An expected error ends the process with one sentence
 * and exit code 1; any other is a bug and keeps its stack.
 */
export const runCommand = async (usage: string, command: () => Promise<void>): Promise<void> => {
  if (asksForHelp(process.argv.slice(2))) {
    process.stdout.write(`${usage}\n`);
    return;
  }
  try {
    await command();
  } catch (error) {
    const isExpected = error instanceof TerminalError || error instanceof RetryableError;
    if (!isExpected) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
};

/**
 * Refuses arguments of a command that takes none, so that a mistyped option is not taken for its default.
 * @throws TerminalError bad_command
 */
export const rejectArguments = (usage: string): void => {
  const [argument] = process.argv.slice(2);
  if (argument !== undefined)
    throw new TerminalError('bad_command', `There is no argument ${argument}.\n${usage}`);
};
