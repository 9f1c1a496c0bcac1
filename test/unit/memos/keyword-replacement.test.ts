import { describe, expect, it } from 'vitest';
import { replacementIn } from '../../../functions/api/memos/keyword-replacement.ts';

describe('feedback that asks for a replacement', () => {
  it.each([
    ['Replace User 1 with User 2 everywhere.', 'User 1', 'User 2'],
    ['replace "Ana" with "Anna"', 'Ana', 'Anna'],
    ['Please change Ana to Anna in all my memories', 'Ana', 'Anna'],
    ['In all memories, rename Bob to Robert.', 'Bob', 'Robert'],
    ['Replace all occurrences of Acme by Acme Ltd.', 'Acme', 'Acme Ltd'],
    ['把所有的小明改成小红', '小明', '小红'],
    ['请将“用户1”替换为“用户2”。', '用户1', '用户2'],
    ['把小明全部换成小红', '小明', '小红'],
  ])('%s', (feedback, from, to) => {
    expect(replacementIn(feedback)).toEqual({ from, to });
  });

  it.each([
    'I am vegan now, not vegetarian.',
    'Change my hotel to the Hilton.',
    'Replace the tyres with new ones.',
    'Replace "Ana" with "Ana"',
    'I replace all lamps with LEDs, everywhere I live, because they last.',
    '我把酒店改成了希尔顿，因为便宜',
    `Replace all ${'a'.repeat(201)} with b`,
    `Replace all ${'a '.repeat(50_000)} with b`,
  ])('%s is none', (feedback) => {
    expect(replacementIn(feedback)).toBeUndefined();
  });
});
