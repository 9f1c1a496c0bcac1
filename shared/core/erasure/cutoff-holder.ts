import { TerminalError } from '../../domain/errors.ts';
import {
  anyId,
  type Entities,
  type Entity,
  entitiesOf,
  entityKinds,
} from '../../domain/memory/entities.ts';

/** Where the cutoff of a match is kept: whoever reads something that matches reads this item. */
export const holderOf = (match: Entities): Entity => {
  const [first] = entitiesOf(match);
  if (!first) throw new TerminalError('unscoped', 'A delete-all names at least one entity.');
  return first;
};

/** Everything is whatever names any entity of any kind. */
export const matchesOf = (match: Entities | 'everything'): Entities[] =>
  match === 'everything' ? entityKinds.map((kind) => ({ [kind]: anyId })) : [match];
