/** Everybody who speaks by name in a request, looked up without going through the list: there may be thousands. */
export interface People {
  count: number;
  has(name: string): boolean;
  /** Everybody else, when that is just one. */
  onlyOtherThan(speaker: string): string | undefined;
  /** Whom a text is about: the first word or words of it, if they are a name. Empty when they are not. */
  subjectOf(text: string): string;
  /** The sentence without names called out at its end: "I like tea, Anna." */
  withoutCalled(sentence: string): string;
}

const maxNameLength = 64;

/** The positions of `part` in a text from `from` on, as far as a name may reach. */
const positionsOf = (text: string, part: string, from: number): number[] => {
  const positions: number[] = [];
  for (let at = text.indexOf(part, from); at >= 0; at = text.indexOf(part, at + 1))
    positions.push(at);
  return positions;
};

export const createPeople = (names: readonly string[]): People => {
  const order = new Map(names.map((name, at) => [name, at]));
  // "User" is whoever speaks without a name, and comes before the others.
  const subjects = new Map([...order, ['User', -1]]);

  const firstOf = (found: readonly string[], places: ReadonlyMap<string, number>) =>
    found.toSorted((a, b) => (places.get(a) ?? 0) - (places.get(b) ?? 0))[0];

  /** The first name in order, from the one at `from` on, that is called at the end. */
  const calledIn = (sentence: string, from: number): string | undefined => {
    if (!/[.!?]$/.test(sentence)) return undefined;
    const start = Math.max(0, sentence.length - maxNameLength - 3);
    const called = positionsOf(sentence, ', ', start)
      .map((at) => sentence.slice(at + 2, -1))
      .filter((name) => (order.get(name) ?? -1) >= from);
    return firstOf(called, order);
  };

  return {
    count: order.size,
    has: (name) => order.has(name),
    onlyOtherThan(speaker) {
      if (order.size - (order.has(speaker) ? 1 : 0) !== 1) return undefined;
      return names.find((name) => name !== speaker);
    },
    subjectOf(text) {
      const opening = text.slice(0, maxNameLength + 3);
      const found = positionsOf(opening, ' ', 0).flatMap((at) => {
        const words = opening.slice(0, at);
        return [words, ...(words.endsWith("'s") ? [words.slice(0, -2)] : [])].filter((name) =>
          subjects.has(name),
        );
      });
      return firstOf(found, subjects) ?? '';
    },
    withoutCalled(sentence) {
      let rest = sentence;
      let from = 0;
      for (;;) {
        const name = calledIn(rest, from);
        if (name === undefined) return rest;
        rest = rest.slice(0, -name.length - 3) + rest.slice(-1);
        from = (order.get(name) ?? 0) + 1;
      }
    },
  };
};
