import { afterAll, describe, expect, it } from 'vitest';
import { type FoundRegex, findRegexes } from '../support/regexes/find-regexes.ts';
import { createAttacker } from '../support/regexes/run-attacks.ts';

/** CPU time for 100,000 characters, ms. */
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
  it('are found by parsing them: literals, and those made of constants', () => {
    const found = findRegexes();

    const sources = found.map(({ source }) => source);
    expect(found.length).toBeGreaterThan(400);
    // A literal, a template of constants, and a function that is called with parts of a pattern.
    expect(sources).toContain('[\\uD800-\\uDBFF]$');
    expect(sources.some((source) => source.startsWith('^(?:\\w+ ){0,3}?(?:acura|audi'))).toBe(true);
    expect(sources.some((source) => /^\^\(\?:now .*was born on \(\.\+\)\$$/.test(source))).toBe(
      true,
    );
    expect(found.filter(({ splits }) => splits).length).toBeGreaterThan(10);
  });

  it('take less than 50 ms for 100,000 characters of the worst kind', async () => {
    const slow: string[] = [];
    for (const regex of findRegexes()) {
      const { ms, input } = await attacker.worstOf(regex, limit);
      if (ms > limit)
        slow.push(`${regex.where}: ${Math.round(ms)} ms for ${JSON.stringify(input)}`);
    }

    expect(slow).toEqual([]);
  }, 600_000);
});

describe('an expression that is slow', () => {
  it.each([
    own('[.!\\s]+$'),
    own('\\([^)]*\\)', 'g'),
    own('^(.+?) at (.+)$'),
    own('(?<=[.!?]["\']*)\\s+', '', true),
    own('(?:,? (?:lol|please))+$', 'i'),
  ])('is found out: $source', async (regex) => {
    const { ms } = await attacker.worstOf(regex, limit);

    expect(ms).toBeGreaterThan(limit);
  });

  it('ends with its thread when it would take for ever', async () => {
    const { ms } = await attacker.worstOf(own('^(?:a+)+$'), limit);
    const next = await attacker.worstOf(own('^a+$'), limit);

    expect(ms).toBe(Number.POSITIVE_INFINITY);
    expect(next.ms).toBeLessThan(limit);
  });
});
