import { describe, expect, it } from 'vitest';
import { categorizerFor } from '../../../shared/domain/categories/assign-categories.ts';
import { defaultCategories } from '../../../shared/domain/categories/category.ts';
import { labelledFacts } from './labelled-facts.ts';

const categoriesOf = categorizerFor(defaultCategories);

/** Numbers of categories over all labelled facts. */
const measure = () => {
  const sums = { right: 0, wrong: 0, missing: 0 };
  for (const [fact, labels] of labelledFacts) {
    const expected = new Set(labels.split(' ').filter(Boolean));
    const found = categoriesOf(fact);
    const right = found.filter((name) => expected.has(name)).length;
    sums.right += right;
    sums.wrong += found.length - right;
    sums.missing += expected.size - right;
  }
  return sums;
};

describe('the common categories', () => {
  it('are right for 19 of 20 that are given, and 4 of 5 are found', () => {
    const { right, wrong, missing } = measure();

    expect(right / (right + wrong)).toBeGreaterThan(0.95);
    expect(right / (right + missing)).toBeGreaterThan(0.8);
  });

  it.each([
    ['User runs a bakery.', ['professional_details']],
    ['User runs every morning.', ['sports']],
    ['User is a nurse at a hospital.', ['professional_details']],
    ['User went to the hospital.', ['health']],
    ['User booked a table for two.', []],
    ['User takes 10 mg of lisinopril.', ['health']],
    ['User takes atorvastatin.', ['health']],
    ['User takes 500mg metformin daily.', ['health']],
    ['User subscribes to Spotify.', ['music']],
    ['User has a SoundCloud account.', ['music']],
    ['User is a drummer.', ['music']],
    ['User said: "Ich wohne in Berlin."', []],
  ])('of "%s" are %j', (fact, categories) => {
    expect(categoriesOf(fact)).toEqual(categories);
  });

  it('of a long text need more than one word, and are three at most', () => {
    const filler = Array.from({ length: 60 }, (_, n) => `qzw${n}`).join(' ');

    expect(categoriesOf(`${filler} pizza`)).toEqual([]);
    expect(
      categoriesOf(`${filler} pizza cheese guitar piano passport luggage diabetes insulin`),
    ).toHaveLength(3);
  });
});

describe('custom categories', () => {
  const categories = [
    { name: 'Dietary needs', description: 'allergies, intolerances and diets' },
    { name: 'cars', description: 'Vehicles the user owns' },
    { name: 'Billing', description: 'Invoices, payments and refunds' },
    { name: 'Food preferences', description: '' },
  ];

  it.each([
    ['User is allergic to pollen.', ['Dietary needs']],
    ['User asked for a refund.', ['Billing']],
    ['User has two cars.', ['cars']],
    ['User likes sushi.', ['Food preferences']],
    ['User likes the blue one.', []],
  ])('of "%s" are %j', (fact, names) => {
    expect(categorizerFor(categories)(fact)).toEqual(names);
  });

  it('are given once, however often a name is offered', () => {
    const twice = [...categories, { name: 'cars', description: 'Automobiles' }];

    expect(categorizerFor(twice)('User has two cars.')).toEqual(['cars']);
  });
});
