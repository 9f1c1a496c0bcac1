import * as z from 'zod';

/** Records of an archive, one a row. */
export const ArchiveText = z.string().meta({
  description:
    'JSON Lines: `{"archive":{"version":1}}`, then records with one of `entity`, `memory`, `revision`, `event`, `file`, `turn` and `endpoint`, then `{"end":true}`, or `{"next":"<cursor>"}` if a further request has to follow.',
});

const ArchiveRecord = z.looseObject({}).meta({
  id: 'ArchiveRecord',
  description: 'A record as an export has it.',
});

export const ArchiveRecords = z
  .array(ArchiveRecord)
  .meta({ description: 'Records of an archive, in their order; 100 at most.' });

export const ImportOutcomes = z
  .object({
    outcomes: z
      .array(z.enum(['restored', 'exists', 'deleted', 'expired', 'refused']))
      .meta({ description: 'What became of each file, then of each record, in their order.' }),
  })
  .meta({ id: 'ImportOutcomes' });
