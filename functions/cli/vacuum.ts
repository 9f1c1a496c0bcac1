import { existsSync } from 'node:fs';
import { lockFolder } from '../../shared/adapters/sqlite/lock.ts';
import { vacuumOnce } from '../../shared/adapters/sqlite/vacuum.ts';
import { TerminalError } from '../../shared/domain/errors.ts';
import { readConfig } from '../../shared/platform/config/config.ts';
import { createLocalPlatform, databaseFile } from '../../shared/platform/local.ts';
import { runCommand } from '../run-command.ts';

await runCommand(async () => {
  const config = readConfig();
  const file = databaseFile(config);
  if (!existsSync(file))
    throw new TerminalError('no_data', `There is no data in ${config.dataDir} yet.`);
  const unlock = lockFolder(config.dataDir, file);
  const platform = createLocalPlatform(config);
  try {
    const { outcome } = await vacuumOnce(platform.database, Number.POSITIVE_INFINITY);
    if (outcome === 'left_out')
      throw new TerminalError(
        'vacuum_failed',
        `${file} cannot be vacuumed now: close other programs that have it open, and free disk space of twice its size.`,
      );
    console.log(
      outcome === 'done'
        ? 'Done.'
        : `Nothing to do: SQLite already overwrites deleted data in ${file}.`,
    );
  } finally {
    await platform.close();
    unlock();
  }
});
