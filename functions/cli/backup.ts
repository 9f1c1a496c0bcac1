import { existsSync } from 'node:fs';
import { copyBlobFolder } from '../../shared/adapters/blob-folder/blob-folder.ts';
import { backupTo } from '../../shared/adapters/sqlite/backup.ts';
import { TerminalError } from '../../shared/domain/errors.ts';
import { readConfig } from '../../shared/platform/config/config.ts';
import {
  attachmentsFolder,
  createLocalPlatform,
  databaseFile,
  secretKeyFile,
} from '../../shared/platform/local.ts';
import { runCommand } from '../run-command.ts';

const usage = `Copies the data consistently while the service runs, attachments into <file>.attachments.
Usage: npm run backup -- <file>`;

await runCommand(usage, async () => {
  const [file, ...rest] = process.argv.slice(2);
  if (file === undefined || rest.length > 0) throw new TerminalError('bad_command', usage);
  const config = readConfig();
  if (config.storeKind !== 'sqlite')
    throw new TerminalError(
      'no_file',
      'A backup is a copy of a SQLite file; a DynamoDB table has backups of its own.',
    );
  if (!existsSync(databaseFile(config)))
    throw new TerminalError('no_data', `There is no data in ${config.dataDir} yet.`);
  const platform = createLocalPlatform(config);
  try {
    await backupTo(platform.database, file);
    // After the database: the files of its turns were stored before the turns.
    const attachments = `${file}.attachments`;
    const hasFiles = await copyBlobFolder(attachmentsFolder(config), attachments);
    const key = secretKeyFile(config);
    const parts = [
      `${file}, renamed to turnstone.db,`,
      ...(hasFiles ? [`${attachments}, renamed to attachments,`] : []),
      ...(existsSync(key) ? [key] : []),
    ];
    console.log(
      `Saved. To restore: put ${parts.join(' and ')} into an empty folder and start on that folder.`,
    );
    if (existsSync(key))
      console.log(`Keep ${key} with the backup: without it webhook secrets cannot be read.`);
  } finally {
    await platform.close();
  }
});
