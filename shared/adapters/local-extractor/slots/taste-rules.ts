import { analyze } from '../../../domain/memory/analyzer.ts';
import type { Slot, SlotRule } from './slot.ts';
import { itemsOf, stemsOf } from './slot.ts';

const group = (match: RegExpExecArray, i = 1): string => match[i] ?? '';
const lead =
  '^(?=.*$)(?:really |absolutely |also |still |now |just |actually |strongly |truly |always )*';
const softening = / (?:a lot|so much|very much|the most|again|now|more and more|anymore)$/i;

const tastes = (phrase: string, value: '+' | '-'): Slot[] =>
  itemsOf(phrase.replace(softening, ''))
    .map((item) => analyze(item.replace(/^to /, '')).join(' '))
    .map((item) => ({ key: `taste:${item}`, value, one: true }));

const preference = (preferred: string, other: string): Slot[] => {
  const value = stemsOf(preferred);
  const key = `preference:${[value, stemsOf(other)].toSorted().join('|')}`;
  return [{ key, value, one: true }];
};

/** Likes, dislikes, preferences and allergies. */
export const tasteRules: readonly SlotRule[] = [
  [
    new RegExp(`${lead}prefers (.+?) (?:over|to|instead of|rather than) (.+)$`, 'i'),
    (match) => preference(group(match), group(match, 2)),
  ],
  [
    new RegExp(
      `${lead}(?:likes|loves|enjoys|adores|prefers|is (?:an? )?(?:big |huge )?fan of|is (?:really )?into|is fond of|is passionate about|is crazy about|(?:has )?(?:come|came|grown|grew) (?:a?round to|to (?:like|love|enjoy))|(?:has )?(?:warmed|took|taken) to|(?:has )?(?:got|gotten|gets) into) (.+)$`,
      'i',
    ),
    (match) => tastes(group(match), '+'),
  ],
  [
    new RegExp(
      `${lead}(?:hates|dislikes|detests|despises|cannot stand|is tired of|is sick of|stopped liking|is over|(?:has )?(?:gone|went) off|(?:has )?lost interest in|no longer likes|(?:has )?had enough of|is fed up with) (.+)$`,
      'i',
    ),
    (match) => tastes(group(match), '-'),
  ],
  [
    new RegExp(
      `${lead}is (?:severely |very |highly |deathly )?(?:allergic|intolerant) to (.+)$`,
      'i',
    ),
    (match) =>
      itemsOf(group(match)).map((item) => ({
        key: `allergy:${stemsOf(item)}`,
        value: '+',
        one: false,
      })),
  ],
];
