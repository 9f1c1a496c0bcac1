import { expect, it } from 'vitest';
import { RecordSchema } from '../../../functions/api/native/archive/record-schema.ts';
import {
  archivedEndpointFields,
  archivedEventFields,
  archivedMemoryFields,
  archivedRevisionFields,
  archivedTurnFields,
} from '../../../shared/domain/archive.ts';

it.each([
  ['memory', archivedMemoryFields],
  ['revision', archivedRevisionFields],
  ['turn', archivedTurnFields],
  ['event', [...archivedEventFields, 'changes']],
  ['endpoint', archivedEndpointFields],
] as const)('an import of a %s accepts each field that an export writes', (name, fields) => {
  const { shape } = RecordSchema.shape[name].unwrap();

  expect(Object.keys(shape).sort()).toEqual([...fields].sort());
});
