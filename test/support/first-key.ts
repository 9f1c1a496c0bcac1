import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Reads the API key that a first start without a terminal writes to a file. */
export const firstKeyFile = (dataDir: string): string => join(dataDir, 'first-api-key');

export const firstKeyIn = (dataDir: string): string =>
  readFileSync(firstKeyFile(dataDir), 'utf8').trim();
