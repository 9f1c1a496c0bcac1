import { resolve } from 'node:path';
import { isOpenToOthers } from '../adapters/secret-box/key-file.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import type { Config } from './config.ts';
import { secretKeyFile } from './local.ts';

/** Says aloud that others can read what webhook secrets are sealed with, and what helps: copying often leaves it so. */
export const warnOfOpenKey = (config: Pick<Config, 'dataDir'>, telemetry: Telemetry): void => {
  const file = resolve(secretKeyFile(config));
  if (isOpenToOthers(file))
    telemetry.log('warn', 'secret_key.open_to_others', { file, repair: `chmod 600 '${file}'` });
};
