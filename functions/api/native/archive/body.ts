import * as z from 'zod';
import { limits } from '../../http/limits.ts';
import { listOf } from '../../http/list-of.ts';

const Digest = z.string().regex(/^[0-9a-f]{64}$/, 'must be a digest');

/** Body of a request that restores records; the records are parsed by the handler. */
export const ImportBody = z
  .object({
    records: listOf(z.record(z.string(), z.unknown()), limits.importRecords).default([]),
    file: listOf(
      z.object({
        turn: z.uuid(),
        digest: Digest,
        of_turn: listOf(Digest, limits.attachments * 2),
        content: z.string(),
      }),
      limits.importFiles,
    ).default([]),
  })
  .refine(({ records, file }) => records.length + file.length > 0, {
    path: ['records'],
    error: 'must not be empty',
  });
export type ImportBody = z.output<typeof ImportBody>;
