import { parseArgs } from 'node:util';
import { type Reprocessed, reprocessTurn } from '../../../shared/core/refine/reprocess.ts';
import { eventsByAge } from '../../../shared/core/retry-failed.ts';
import { TerminalError } from '../../../shared/domain/errors.ts';
import type { Change } from '../../../shared/domain/memory/change.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import { chosenProjects } from './chosen-projects.ts';
import { parseTime } from './time.ts';

const read = (args: readonly string[]) => {
  try {
    return parseArgs({
      args: [...args],
      options: {
        since: { type: 'string', default: '' },
        project: { type: 'string' },
        stack: { type: 'string' },
        'dry-run': { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new TerminalError('bad_command', error instanceof Error ? error.message : String(error));
  }
};

export type ReprocessCommand = ReturnType<typeof read>;

/** @throws TerminalError bad_command */
export const readReprocessCommand = (args: readonly string[], now: number): ReprocessCommand => {
  const values = read(args);
  parseTime(values.since, now);
  return values;
};

/** Lines of a diff: `+` a new text, `-` the text that it replaces or that is taken back. */
const linesOf = ({ type, text, previousText }: Change): string[] => [
  ...(previousText === undefined ? [] : [`  - ${previousText}`]),
  ...(text === undefined || type === 'DELETE' ? [] : [`  + ${text}`]),
];

const print = (turn: string, result: Reprocessed): void => {
  if (result.outcome === 'unchanged' || result.outcome === 'skipped') return;
  const note = result.outcome === 'failed' ? `failed: ${result.code}` : result.outcome;
  console.log(
    [`turn ${turn}: ${note}`, ...('changes' in result ? result.changes.flatMap(linesOf) : [])].join(
      '\n',
    ),
  );
};

/**
 * Refines turns again that were accepted since a time and are refined, oldest first, and prints what that changes.
 * @throws TerminalError bad_command, unknown_project
 */
export const runReprocessCommand = async (
  platform: Platform,
  { since, project: name, 'dry-run': isDryRun }: ReprocessCommand,
): Promise<void> => {
  const from = parseTime(since, platform.clock.now());
  const { signal } = new AbortController();
  const counts = new Map<string, number>();
  for (const project of await chosenProjects(platform, name))
    for await (const { kind, status, turn, createdAt } of eventsByAge(platform, project.id, from)) {
      if (kind !== 'ADD' || status !== 'SUCCEEDED' || !turn || createdAt < from) continue;
      const result = await reprocessTurn(platform, project.id, turn, { isDryRun, signal });
      print(turn, result);
      counts.set(result.outcome, (counts.get(result.outcome) ?? 0) + 1);
    }
  const sums = [...counts].map(([outcome, count]) => `${count} ${outcome}`).join(', ');
  const end = isDryRun
    ? 'Nothing was written.'
    : 'A running service indexes the changes within a minute.';
  console.log(`${sums || 'No turns'}. ${end}`);
};
