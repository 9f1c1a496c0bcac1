import { describe, expect, it } from 'vitest';
import { withoutUsersName } from '../../../shared/core/retrieval/users-name.ts';

describe('a query that names the user by the id', () => {
  it.each([
    ['Where does Nora live?', 'nora', 'Where does she live?'],
    ['where does nora live?', 'nora', 'where does she live?'],
    ["what is nora's favourite tea?", 'nora', 'what is her favourite tea?'],
  ])('%j of %s is asked by a pronoun', (query, user, asked) => {
    expect(withoutUsersName(query, user, [])).toBe(asked);
  });

  it.each([
    ['favourite food?', 'food'],
    ['travel plans for May', 'travel'],
    ['Who is the manager?', 'ana'],
    ['what is 1+1?', 'a.*b'],
  ])('%j of %s stays as it is', (query, user) => {
    expect(withoutUsersName(query, user, [])).toBe(query);
  });
});
