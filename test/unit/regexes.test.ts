import { afterAll, describe, expect, it } from 'vitest';
import { type FoundRegex, findRegexes } from '../support/regexes/find-regexes.ts';
import { createAttacker } from '../support/regexes/run-attacks.ts';

/** Limit on the CPU time for 100,000 characters, in ms. */
const limit = 50;

const attacker = createAttacker();
afterAll(attacker.close);

const own = (source: string, flags = '', splits = false): FoundRegex => ({
  where: source,
  source,
  flags,
  splits,
});

describe('the regular expressions of the sources', () => {
  it('regular expressions are found in the sources, as literals and as constructor calls with constants', () => {
    const found = findRegexes();

    const sources = found.map(({ source }) => source);
    expect(found.length).toBeGreaterThan(400);
    // Found are literals, templates of constants, and functions that are called with parts of a pattern.
    expect(sources).toContain('[\\uD800-\\uDBFF]$');
    expect(sources.some((source) => source.startsWith('^(?:\\w+ ){0,3}?(?:acura|audi'))).toBe(true);
    expect(sources.some((source) => /^\^\(\?:now .*was born on \(\.\+\)\$$/.test(source))).toBe(
      true,
    );
    expect(found.filter(({ splits }) => splits).length).toBeGreaterThan(10);
  });

  it('every regular expression takes less than 50 ms of CPU for 100,000 hostile characters', async () => {
    const slow: string[] = [];
    for (const regex of findRegexes()) {
      const { ms, input } = await attacker.worstOf(regex, limit);
      if (ms > limit)
        slow.push(`${regex.where}: ${Math.round(ms)} ms for ${JSON.stringify(input)}`);
    }

    expect(slow).toEqual([]);
  }, 600_000);
});

describe('a slow regular expression', () => {
  it.each([
    own('[.!\\s]+$'),
    own('\\([^)]*\\)', 'g'),
    own('^(.+?) at (.+)$'),
    own('(?<=[.!?]["\']*)\\s+', '', true),
    own('(?:,? (?:lol|please))+$', 'i'),
  ])('the fuzzer finds a slow input for $source', async (regex) => {
    const { ms } = await attacker.worstOf(regex, limit);

    expect(ms).toBeGreaterThan(limit);
  });

  it('an expression with endless backtracking is stopped with its thread', async () => {
    const { ms } = await attacker.worstOf(own('^(?:a+)+$'), limit);
    const next = await attacker.worstOf(own('^a+$'), limit);

    expect(ms).toBe(Number.POSITIVE_INFINITY);
    expect(next.ms).toBeLessThan(limit);
  });
});
