import { HttpError } from '../http/http-error.ts';

export const memoryNotFound = (): HttpError =>
  new HttpError(404, 'memory_not_found', 'Memory not found!');

export const notUpdated = (outcome: 'not_found' | 'immutable' | 'being_refined'): HttpError => {
  switch (outcome) {
    case 'not_found':
      return memoryNotFound();
    case 'immutable':
      return new HttpError(400, 'memory_immutable', 'This memory is immutable.');
    case 'being_refined':
      return new HttpError(
        409,
        'memory_being_refined',
        'This rough memory is being refined; change the memories that result from it.',
      );
  }
};
