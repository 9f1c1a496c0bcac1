import { existsSync } from 'node:fs';
import { runJob } from '../../shared/core/jobs/job.ts';
import { startReindex } from '../../shared/core/jobs/reindex.ts';
import { listProjects } from '../../shared/core/projects/projects.ts';
import { TerminalError } from '../../shared/domain/errors.ts';
import { isFinal } from '../../shared/domain/memory/event.ts';
import type { Project } from '../../shared/domain/project.ts';
import { eventKey } from '../../shared/domain/table/keys.ts';
import { readConfig } from '../../shared/platform/config/config.ts';
import { databaseFile, type ProcessPlatform } from '../../shared/platform/local.ts';
import { openPlatform, usesDataDir } from '../../shared/platform/open-platform.ts';
import { rejectArguments, runCommand } from '../run-command.ts';

const pollMs = 500;

/** Runs the job in this process, or waits for the service if the service holds the job's lease. */
const reindex = async (platform: ProcessPlatform, project: Project): Promise<void> => {
  const job = await startReindex(platform, project.id);
  const deadline = {
    deadlineAt: Number.POSITIVE_INFINITY,
    signal: new AbortController().signal,
  };
  for (;;) {
    await runJob(platform, project.id, job, deadline);
    const event = await platform.store.get(eventKey(project.id, job));
    if (!event || isFinal(event.status)) {
      const count = event?.counts?.memories ?? 0;
      console.log(
        `${project.name} (${project.id}): ${count} without a vector of ${platform.embedder.model}`,
      );
      return;
    }
    await platform.clock.sleep(pollMs);
  }
};

const usage = `Embeds again, now, what another model embedded.
Usage: npm run reindex`;

await runCommand(usage, async () => {
  rejectArguments(usage);
  const config = readConfig();
  if (usesDataDir(config) && !existsSync(databaseFile(config)))
    throw new TerminalError('no_data', `There is no data in ${config.dataDir} yet.`);
  const platform = await openPlatform(config);
  try {
    for (const project of await listProjects(platform)) await reindex(platform, project);
    console.log('Done.');
  } finally {
    await platform.close();
  }
});
