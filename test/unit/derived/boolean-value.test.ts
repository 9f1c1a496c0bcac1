import { expect, it } from 'vitest';
import { booleanBy } from '../../../shared/domain/derived/fields/boolean-value.ts';
import { fieldOf } from '../../../shared/domain/derived/fields/field.ts';
import { statementsOf } from '../../../shared/domain/derived/fields/statement.ts';

const read = (name: string, text: string): boolean | null => {
  const field = fieldOf(name, []);
  for (const statement of statementsOf(text))
    for (const asked of field.asks) {
      const value = booleanBy(field, asked, statement);
      if (value !== null) return value;
    }
  return null;
};

it.each([
  ['is_vegetarian', "I'm vegetarian and I don't smoke.", true],
  ['isVegan', 'User is no longer vegan.', false],
  ['smoker', 'User smokes.', true],
  ['has_dog', 'User has a dog called Rex.', true],
  ['has_children', 'User has no children.', false],
  ['likes_jazz', 'User cannot stand jazz.', false],
  ['likes_jazz', 'User really enjoys jazz.', true],
  ['can_swim', 'User cannot swim.', false],
  ['has_dog', 'User likes dogs.', null],
  ['has_dog', 'User is considering a dog.', null],
  ['has_dog', 'User has a dog allergy.', null],
  ['likes_jazz', 'User plays in a jazz club.', null],
  ['is_married', "User's son is married.", null],
])('%s of "%s" is %s', (name, text, value) => {
  expect(read(name, text)).toBe(value);
});
