import { parseArgs } from 'node:util';
import { type RetryFilter, retryFailed } from '../../../shared/core/retry-failed.ts';
import { TerminalError } from '../../../shared/domain/errors.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import { chosenProjects } from './chosen-projects.ts';
import { parseTime } from './time.ts';
import { withoutHints } from './without-hints.ts';

type Deps = Pick<Platform, 'store' | 'ids' | 'clock'>;

const read = (args: readonly string[]) => {
  try {
    return parseArgs({
      args: [...args],
      options: {
        since: { type: 'string', default: '' },
        code: { type: 'string' },
        project: { type: 'string' },
        stack: { type: 'string' },
      },
    }).values;
  } catch (error) {
    throw new TerminalError('bad_command', error instanceof Error ? error.message : String(error));
  }
};

export type RetryCommand = ReturnType<typeof read>;

/** @throws TerminalError bad_command */
export const readRetryCommand = (args: readonly string[], now: number): RetryCommand => {
  const values = read(args);
  parseTime(values.since, now);
  return values;
};

/**
 * Retries failed events with a new budget of attempts and prints their number.
 * @throws TerminalError bad_command, unknown_project
 */
export const runRetryCommand = async (
  deps: Deps,
  { since, code, project: name }: RetryCommand,
): Promise<void> => {
  const parts = withoutHints(deps);
  const filter: RetryFilter = {
    since: parseTime(since, deps.clock.now()),
    ...(code === undefined ? {} : { code }),
  };
  const total = { seen: 0, retried: 0 };
  const show = ({ seen, retried }: typeof total): void =>
    void process.stderr.write(`\r${seen} events seen, ${retried} retried`);
  for (const project of await chosenProjects(deps, name)) {
    const counts = await retryFailed(parts, project.id, filter, show);
    total.seen += counts.seen;
    total.retried += counts.retried;
    process.stderr.write('\r');
    console.log(
      `${project.name} (${project.id}): ${counts.retried} of ${counts.seen} events retried`,
    );
  }
  console.log(`Retried ${total.retried}; a running service starts them within a minute.`);
};
