import { lostDigests } from '../../domain/memory/attachment.ts';
import type { Turn } from '../../domain/memory/turn.ts';
import type { Platform } from '../../ports/platform.ts';

/**
 * Removes the files that turns have lost: all of those that ended, of others those of erased messages. Makes no request for turns
 * without such files. Safe to repeat.
 * @throws RetryableError when the files cannot be removed
 */
export const removeLostFiles = async (
  { blobs }: Pick<Platform, 'blobs'>,
  turns: readonly Turn[],
): Promise<void> => {
  const names = turns.flatMap((turn) =>
    lostDigests(turn).map((digest) => ({ project: turn.project, turn: turn.id, digest })),
  );
  if (names.length > 0) await blobs.remove(names);
};
