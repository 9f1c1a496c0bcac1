import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Creates an empty temporary folder. */
export const temporaryFolder = () => {
  const path = mkdtempSync(join(tmpdir(), 'turnstone-'));
  return {
    path,
    file: (name: string): string => join(path, name),
    remove: (): void => rmSync(path, { recursive: true, force: true }),
  };
};
