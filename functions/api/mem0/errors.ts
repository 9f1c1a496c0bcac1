import type { DeleteOutcome } from '../../../shared/core/erasure/delete-memory.ts';
import type { UpdateResult } from '../../../shared/core/memories/update-memory.ts';
import { HttpError } from '../http/http-error.ts';

export const memoryNotFound = (): HttpError =>
  new HttpError(404, 'memory_not_found', 'Memory not found!');

export const notUpdated = (outcome: Exclude<UpdateResult['outcome'], 'updated'>): HttpError => {
  switch (outcome) {
    case 'not_found':
      return memoryNotFound();
    case 'immutable':
      return new HttpError(400, 'memory_immutable', 'This memory is immutable.');
    case 'closed':
      return new HttpError(
        409,
        'memory_closed',
        'This memory is no longer true and cannot be changed: change the memory in replaced_by, or add a new one.',
      );
    case 'is_source':
      return new HttpError(
        409,
        'message_is_source',
        'A message keeps its words: change the memories that were drawn from it, or delete it.',
      );
  }
};

export const notDeleted = (outcome: Exclude<DeleteOutcome, 'deleted'>): HttpError =>
  outcome === 'not_found'
    ? memoryNotFound()
    : new HttpError(
        409,
        'memory_is_version',
        'This is an earlier version of a memory: delete the memory in replaced_by, which erases its versions.',
      );
