import { findProject, listProjects } from '../../../shared/core/projects/projects.ts';
import { TerminalError } from '../../../shared/domain/errors.ts';
import type { Platform } from '../../../shared/ports/platform.ts';

/**
 * Returns the project of that name, or all projects.
 * @throws TerminalError unknown_project
 */
export const chosenProjects = async (
  deps: Pick<Platform, 'store' | 'ids' | 'clock'>,
  name: string | undefined,
) => {
  if (name === undefined) return listProjects(deps);
  const project = await findProject(deps, name);
  if (!project) throw new TerminalError('unknown_project', `There is no project ${name}.`);
  return [project];
};
