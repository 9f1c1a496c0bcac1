import { createHash } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';

const Saved = z.object({ import: z.string(), done: z.number().int().nonnegative() });

/** Position of an import in its file, which outlives the process. */
export interface Position {
  /** Number of turns or records, from the first one on, that were acknowledged by an earlier run of the same import. */
  readonly done: number;
  save(done: number): void;
  /** Removes the position once all is done. */
  remove(): void;
}

/**
 * Opens the position of an import, beside its file. A position counts for the same keys to the same service only. After a crash
 * at most one turn is sent again, under the same idempotency key.
 */
export const openPosition = (file: string, url: string, keys: readonly string[]): Position => {
  const path = `${file}.import`;
  const digest = createHash('sha256').update(url);
  for (const key of keys) digest.update(`\n${key}`);
  const id = digest.digest('base64url');

  const read = (): number => {
    try {
      const saved = Saved.parse(JSON.parse(readFileSync(path, 'utf8')));
      return saved.import === id ? saved.done : 0;
    } catch {
      return 0;
    }
  };

  return {
    done: read(),
    save(done) {
      writeFileSync(`${path}.new`, JSON.stringify({ import: id, done }), { mode: 0o600 });
      renameSync(`${path}.new`, path);
    },
    remove: () => rmSync(path, { force: true }),
  };
};
