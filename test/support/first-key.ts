import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where a first start that no terminal watches leaves its API key. */
export const firstKeyFile = (dataDir: string): string => join(dataDir, 'first-api-key');

export const firstKeyIn = (dataDir: string): string =>
  readFileSync(firstKeyFile(dataDir), 'utf8').trim();
