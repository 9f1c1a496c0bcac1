import { afterAll, describe, expect, it } from 'vitest';
import { decide, extractor, user } from './learn.ts';

afterAll(() => extractor.close());

/** A value, with a word of it that every memory of it has. */
type Value = readonly [text: string, word: string];

const things: readonly Value[] = [
  ['a Siberian husky', 'husky'],
  ['two guitars', 'guitar'],
  ['a nut allergy', 'nut'],
  ['a cabin near Tartu', 'tartu'],
];
const people: readonly Value[] = [
  ['my sister Odile', 'odile'],
  ['my boss Henrik', 'henrik'],
];
const days: readonly Value[] = [
  ['Tuesday', 'tuesday|2023'],
  ['May 30', '30'],
];
const places: readonly Value[] = [
  ['Lisbon', 'lisbon'],
  ['Ghent', 'ghent'],
];

/** Frames of statements as people write them: each has one value, `$`. */
const frames: readonly (readonly [frames: readonly string[], values: readonly Value[]])[] = [
  [
    [
      'I have $',
      'we just got $',
      'btw I own $ lol',
      'ok so I have $, any tips?',
      'Sure! I have $.',
      'turns out I have $',
      "don't forget that I have $",
      'If it helps, I have $',
      'since I have $, what should I do?',
      'The thing is, I have $',
      'As someone who has $, what do you recommend?',
      'Is it normal that I have $?',
      'I hope to have $ by 2030',
      'I wonder how I ended up with $ in my 30s',
    ],
    things,
  ],
  [
    [
      '$ moved out last week',
      'What do I give $ for the wedding?',
      '$ says hi from Rome',
      'I cannot stop thinking about $',
      'This is $',
      'Write a poem for $',
      'I told $ about it yesterday',
      'unless it rains, I will visit $',
      'guess what: $ got engaged',
    ],
    people,
  ],
  [
    [
      'my exam is on $',
      'make it $ instead',
      'move my appointment to $',
      "let's do $ for our meeting",
      'they postponed my surgery to $',
      'the party is on $ now',
      'our anniversary is $',
      'I am on leave until $',
    ],
    days,
  ],
  [
    [
      'I live in $',
      'moving to $ next month!',
      'grew up in $, hated it',
      'Home: $',
      'vivo en $',
      'ich wohne seit 2019 in $',
      "j'habite à $ depuis deux ans",
      'moro em $ com a minha avó',
      'abito a $ e lavoro in banca',
      'ik woon in $ met mijn vriend',
      'я переехал в $ два года назад',
      '我去年搬到了$',
      '$に引っ越しました',
      'mi prima se casó en $ con un actor',
      'meine Nachbarin kennt jeden in $',
      'mon oncle a ouvert un café à $',
      'il mio vicino viene da $',
      'minha tia abriu uma loja em $',
      'mijn collega droomt van $',
      'мой сосед мечтает о $',
      '我表哥在$开了一家店',
      '$は従兄弟の故郷です',
    ],
    places,
  ],
];

const messages = frames.flatMap(([texts, values]) =>
  texts.flatMap((frame) =>
    values.map(([value, word]) => [frame.replace('$', value), word] as const),
  ),
);

describe('a message with a statement', () => {
  it.each(messages)('%j leaves a memory behind that has %j', async (said, word) => {
    const changes = await decide([[user(said)]]);
    const texts = changes.map(({ text = '' }) => text.toLowerCase());

    expect(texts.some((text) => word.split('|').some((part) => text.includes(part)))).toBe(true);
  });
});
