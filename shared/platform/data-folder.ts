import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { restrictFolder } from '../adapters/system/private-folder.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import type { Config } from './config/config.ts';

const isDataFile = (name: string): boolean =>
  /^(turnstone\.(db|lock)|secret\.key|first-api-key)/.test(name);

/**
 * Removes the permissions of other users of this machine from the data folder and its files, since a copied folder often
 * has them. Logs which files were open to others, and which still are. Must run before any file of the folder is opened.
 */
export const closeDataFolder = (
  { dataDir }: Pick<Config, 'dataDir'>,
  telemetry: Telemetry,
): void => {
  const folder = resolve(dataDir);
  if (!existsSync(folder)) return;
  const { closed, open } = restrictFolder(folder, isDataFile);
  if (closed.length > 0)
    telemetry.log('warn', 'data.closed_to_others', { files: closed.join(', ') });
  for (const file of open)
    telemetry.log('warn', 'data.open_to_others', { file, repair: `chmod go= '${file}'` });
};
