const people = ['Ada', 'Bram', 'Chloe', 'Dario', 'Elif', 'Femke', 'Goran', 'Hana'];
const deeds = ['bought', 'repaired', 'painted', 'sold', 'borrowed', 'found', 'lost'];
const things = ['bicycle', 'violin', 'kettle', 'telescope', 'lantern', 'sailing boat', 'camera'];
const places = ['Lisbon', 'Oslo', 'Kyoto', 'Quito', 'Tunis', 'Ghent', 'Perth', 'Leeds', 'Bergen'];

const pick = (from: readonly string[], i: number): string => from[i % from.length] ?? '';

/** A sentence with one fact; the first few thousand are all different. */
export const sentenceOf = (i: number): string =>
  `${pick(people, i)} ${pick(deeds, i)} a ${pick(things, Math.floor(i / 7))} for ${100 + i} euros in ${pick(places, i)} last spring.`;

/** A question that several sentences could answer. */
export const queryOf = (i: number): string =>
  `What did ${pick(people, i)} do with the ${pick(things, i)} in ${pick(places, i)}?`;
