import { parseArgs } from 'node:util';
import { outageAfterProbe } from '../../../shared/core/refine/breaker.ts';
import { LeaseLost } from '../../../shared/core/refine/lease.ts';
import { type Reprocessed, reprocessTurn } from '../../../shared/core/refine/reprocess.ts';
import { eventsByAge } from '../../../shared/core/retry-failed.ts';
import { TerminalError, toErrorInfo } from '../../../shared/domain/errors.ts';
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

/** Refines one turn again. A failure is one of this turn, so that the others are refined nevertheless. */
const attempt = async (
  platform: Platform,
  project: string,
  turn: string,
  options: Parameters<typeof reprocessTurn>[3],
): Promise<Reprocessed> => {
  try {
    return await reprocessTurn(platform, project, turn, options);
  } catch (error) {
    return error instanceof LeaseLost
      ? { outcome: 'busy' }
      : { outcome: 'failed', code: toErrorInfo(error).code };
  }
};

/** Failures in succession after which the language model counts as gone, since each may take as long as its timeout. */
const maxOutages = 3;

/** Follows whether the language model answers. */
const createOutageWatch = (platform: Platform, signal: AbortSignal) => {
  let failures = 0;
  let last = '';
  return {
    record(result: Reprocessed): void {
      if (result.outcome === 'failed' && result.isOutage) {
        failures += 1;
        last = result.code;
      } else if (result.outcome !== 'skipped' && result.outcome !== 'busy') failures = 0;
    },
    /** Returns the code of an outage, of the breaker or of this run. */
    async code(): Promise<string | undefined> {
      if (failures >= maxOutages) return last;
      return (await outageAfterProbe(platform, signal))?.error.code;
    },
  };
};

/** Yields the refined turns of the project, or of all, that were accepted since a time. */
async function* refinedSince(
  platform: Platform,
  name: string | undefined,
  from: number,
): AsyncGenerator<{ project: string; turn: string }> {
  for (const { id: project } of await chosenProjects(platform, name))
    for await (const { kind, status, turn, createdAt } of eventsByAge(platform, project, from))
      if (kind === 'ADD' && status === 'SUCCEEDED' && turn && createdAt >= from)
        yield { project, turn };
}

/**
 * Refines turns again that were accepted since a time and are refined, oldest first, and prints what that changes. Ends when the language
 * model does not answer.
 * @throws TerminalError bad_command, unknown_project, or the code of the outage
 */
export const runReprocessCommand = async (
  platform: Platform,
  { since, project: name, 'dry-run': isDryRun }: ReprocessCommand,
): Promise<void> => {
  const from = parseTime(since, platform.clock.now());
  const { signal } = new AbortController();
  const counts = new Map<string, number>();
  const watch = createOutageWatch(platform, signal);
  let outage: string | undefined;
  for await (const { project, turn } of refinedSince(platform, name, from)) {
    outage = await watch.code();
    if (outage !== undefined) break;
    const result = await attempt(platform, project, turn, { isDryRun, signal });
    watch.record(result);
    print(turn, result);
    counts.set(result.outcome, (counts.get(result.outcome) ?? 0) + 1);
  }
  const sums = [...counts].map(([outcome, count]) => `${count} ${outcome}`).join(', ');
  const end = isDryRun
    ? 'Nothing was written.'
    : 'A running service indexes the changes within a minute.';
  console.log(`${sums || 'No turns'}. ${end}`);
  if (outage !== undefined)
    throw new TerminalError(
      outage,
      `The language model does not answer (${outage}). Repeat the command once it does.`,
    );
};
