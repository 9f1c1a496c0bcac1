import { parseArgs } from 'node:util';
import { startFullReindex } from '../../../shared/core/jobs/reindex.ts';
import { TerminalError } from '../../../shared/domain/errors.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import { chosenProjects } from './chosen-projects.ts';
import { withoutHints } from './without-hints.ts';

type Deps = Pick<Platform, 'store' | 'ids' | 'clock'>;

const read = (args: readonly string[]) => {
  try {
    const options = { project: { type: 'string' }, stack: { type: 'string' } } as const;
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new TerminalError('bad_command', error instanceof Error ? error.message : String(error));
  }
};

/** @throws TerminalError bad_command */
export const readReindexCommand = (
  args: readonly string[],
  usage: string,
): { project?: string | undefined; stack: string } => {
  const { stack, project } = read(args);
  if (stack === undefined) throw new TerminalError('bad_command', usage);
  return { stack, project };
};

/**
 * Starts a job per project that indexes everything again, and prints the ids of their events.
 * @throws TerminalError unknown_project, no_index
 */
export const runReindexCommand = async (
  deps: Deps,
  { project: name }: { project?: string | undefined },
): Promise<void> => {
  const parts = withoutHints(deps);
  for (const project of await chosenProjects(deps, name)) {
    const event = await startFullReindex(parts, project.id);
    if (event === undefined)
      throw new TerminalError('no_index', 'The sweeper of the stack has not seen an index yet.');
    console.log(`${project.name} (${project.id}): event ${event}`);
  }
  console.log('A running service starts these jobs within a minute.');
};
