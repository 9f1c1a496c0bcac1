import { describe, expect, it } from 'vitest';
import { replacer } from '../../../shared/domain/memory/replacement.ts';

describe('a replacement of a text', () => {
  it.each([
    ['User 1', 'User 2', 'User 1 met User 10 and User 1.', 'User 2 met User 10 and User 2.'],
    ['Ana', 'Anna', "Ana likes bananas. Ana's cat", "Anna likes bananas. Anna's cat"],
    ['ana', 'Anna', 'Ana', 'Ana'],
    ['小明', '小红', '我和小明去北京', '我和小红去北京'],
    ['C++', 'C#', 'Writes C++, not C+.', 'Writes C#, not C+.'],
    ['$&', '$1', 'costs $& now', 'costs $1 now'],
    ['a-b', '[x]', 'a-b', '[x]'],
    ['Ana', 'Ana Maria', 'Ana and Ana Maria', 'Ana Maria and Ana Maria'],
    ['Ana', 'Old Ana', 'Ana, Old Ana', 'Old Ana, Old Ana'],
  ])('replaces %s by %s in "%s"', (from, to, before, after) => {
    const replace = replacer({ from, to });

    expect(replace(before)).toBe(after);
    expect(replace(after)).toBe(after);
  });
});
