import { afterAll, describe, expect, it } from 'vitest';
import { decide, extractor, user } from './learn.ts';

afterAll(() => extractor.close());

it.each([
  ['launch slipped two weeks', 'launch'],
  ['one of the cats died, so two left', 'two'],
  ["they've taken me on full-time", 'full-time'],
  ['Thanksgiving is at our place', 'thanksgiving'],
  ['Hector cuts my hair', 'hector'],
  ['I vape', 'vape'],
  ["can you note it's six of us at Nopi now", 'six'],
  ['put my passport in the safe, better that way', 'safe'],
  ['remind me that the exam is in ten days', 'exam'],
  ['it rained; the plumber comes on Tuesday', 'plumber'],
  ['ok so got promoted to team lead', 'lead'],
  ['Will moved to Oslo', 'oslo'],
  ['May is our busiest month', 'busiest'],
  ['is on night shift', 'night'],
  ['prefer window seats', 'window'],
  ['```yaml\ncar: red Golf\ndiet: no pork\n```', 'pork'],
  ['FYI\nDear tenant,\nyour lease ends in May', 'lease'],
  ['finally got a job! at the library', 'library'],
  ['Order no. 8812: two lamps, one is broken', 'broken'],
  ['what I know about Mia: hates crowds', 'crowds'],
  ['recipe tweak: half the sugar, Jo notices nothing', 'sugar'],
  ['this is what my ex sent: "I\'m keeping the dog and I\'ve changed the locks"', 'dog'],
  ['> Are you still vegetarian?\nNo. Dave wrote he eats everything but okra.', 'okra'],
  ['Hi Sam,\nthe boat is sold.\nBest,\nTanja\n\nPS: the key is with Ludo next door', 'ludo'],
  ['Would have come, but the car is in the garage until Wednesday', 'garage'],
  ["You can drop the formal tone, I'm 19 lol", '19'],
  ['Yes please, and note I use a wheelchair', 'wheelchair'],
  ['Wish me luck, viva at two!', 'viva'],
  ['single\nno kids\nrenting', 'renting'],
  ['smokes? no. drinks? rarely.', 'rarely'],
  ['buy nothing month = November', 'november'],
  ['Here is my profile:\n```json\n{"name":"Ines","city":"Faro"}\n```', 'faro'],
  ['I live in Porto. Has a nice beach.', 'beach'],
  ['From: Oslo\nTo: Rome\nDate: 3 May\nSeat: 12C', 'rome'],
  ['Height 1.64\nhair grey', '1.64'],
  ['| Ed | wine |\n| Flo | salad |', 'salad'],
  [`${'we walked along the river and '.repeat(30)} I broke my ankle`, 'ankle'],
])('%j leaves a memory', async (said, word) => {
  const changes = await decide([[user(said)]]);

  expect(changes.some(({ text }) => text?.toLowerCase().includes(word))).toBe(true);
});

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

/** Statements of all kinds, each with a word that a memory of it has. */
const statements: readonly Value[] = [
  ['I have a Siberian husky named Odin', 'odin'],
  ['my sister Odile lives in Ghent', 'odile'],
  ['the wifi code at the cabin is 4471', '4471'],
  ['Henrik owes me 40 euros', 'henrik'],
  ['I keep the spare key under the blue pot', 'pot'],
  ['Tuesday is laundry day', 'laundry'],
  ['Priya prefers oat milk', 'oat'],
  ['the plumber comes on Friday at 8', 'plumber'],
  ['dad needs new glasses', 'glasses'],
  ['my locker number is 114', '114'],
  ['nobody in our house eats pork', 'pork'],
  ['I would rather fly than drive', 'fly'],
  ['my knee clicks when it rains', 'knee'],
  ['the dog sleeps on our bed', 'bed'],
  ['sold the Honda', 'honda'],
  ['cannot eat gluten', 'gluten'],
  ['allergic to bees', 'bees'],
  ['blood type AB negative', 'ab negative'],
  ['the lease ends on 30 June', 'lease'],
  ['work starts at 7', '7'],
  ['I think I am allergic to latex', 'latex'],
  ['I may quit my job at Bosch', 'bosch'],
  ['that is my brother Tim', 'tim'],
  ['they gave me room 214', '214'],
  ['he plays the tuba', 'tuba'],
  ['it costs 46 a month', '46'],
];

/** Shapes in which people and programs write a statement. */
const shapes: readonly (readonly [name: string, shape: (said: string) => string])[] = [
  ['capital letters', (said) => said.toUpperCase()],
  ['small letters', (said) => said.toLowerCase()],
  ['a full sentence', (said) => `${said.charAt(0).toUpperCase()}${said.slice(1)}.`],
  ['a bullet', (said) => `- ${said}`],
  ['a list with other items', (said) => `- ${said}\n- thanks\n- write me a poem`],
  ['a numbered list', (said) => `1. ${said}\n2. what do you think?`],
  ['a task', (said) => `[ ] ${said}`],
  ['a paragraph of HTML', (said) => `<div class="x"><b>${said}</b><br></div>`],
  ['bold Markdown', (said) => `**${said}**`],
  ['a heading of Markdown', (said) => `# ${said}`],
  ['a quotation of Markdown', (said) => `> ${said}`],
  ['a block without code', (said) => `\`\`\`\n${said}\n\`\`\``],
  ['a table', (said) => `| a | b |\n|---|---|\n| x | ${said} |`],
  ['an object of JSON', (said) => JSON.stringify({ note: said })],
  ['a list of JSON', (said) => JSON.stringify([said])],
  ['a list of YAML', (said) => `notes:\n  - ${said}\n  - other`],
  ['emoji', (said) => `🎉 ${said} 😅🙈`],
  ['chat', (said) => `btw ${said} lol`],
  ['an aside', (said) => `ok so - ${said} - anyway`],
  ['a doubt', (said) => `not sure if it matters but ${said}`],
  ['a reason', (said) => `I need advice because ${said}`],
  ['a greeting', (said) => `Hi there! ${said}`],
  ['thanks', (said) => `thanks! ${said}`],
  ['parentheses', (said) => `(${said})`],
  ['quotation marks', (said) => `"${said}"`],
  ['a question behind', (said) => `${said}. What do you think?`],
  ['a request before', (said) => `Write a haiku about rain.\nPS: ${said}`],
  ['paragraphs', (said) => `hello\n\n${said}\n\nbye`],
  ['a time of day', (said) => `14:02 ${said}`],
];

describe('a statement in another shape', () => {
  it.each(shapes)('leaves a memory behind as %s', async (_, shape) => {
    const lost: string[] = [];
    for (const [said, word] of statements) {
      const changes = await decide([[user(shape(said))]]);
      const texts = changes.map(({ text = '' }) => text.toLowerCase());
      if (!texts.some((text) => text.includes(word))) lost.push(said);
    }

    expect(lost).toEqual([]);
  });
});
