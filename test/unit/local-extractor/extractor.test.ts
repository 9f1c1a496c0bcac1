import { setImmediate as nextTick } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { defaultCategories } from '../../../shared/domain/categories/category.ts';
import type { Message } from '../../../shared/domain/memory/turn.ts';
import { decide, extractor, friday, inShort, learnt, user } from './learn.ts';

const gina = (content: string): Message => ({ role: 'user', name: 'Gina', content });
const jon = (content: string): Message => ({ role: 'assistant', name: 'Jon', content });

describe('speakers', () => {
  it('the facts of two named speakers are about the one who said them', async () => {
    const changes = await decide([
      [gina('Hey Jon! I opened a store last week.')],
      [jon('Congrats, Gina! I love your store. I lost my job as a banker yesterday.')],
    ]);

    expect(changes.map(inShort)).toEqual([
      'ADD Gina opened a store in the week before 12 May 2023.',
      'ADD Jon lost their job as a banker on 11 May 2023.',
    ]);
  });

  it('"you" means the other of two speakers', async () => {
    const changes = await decide([
      [gina('Hello, Jon.'), jon('I met you in Rome, my friend Gina.')],
    ]);

    expect(changes.map(inShort)).toEqual(['ADD Jon met Gina in Rome, their friend Gina.']);
  });

  it('the move of one speaker does not change the residence of the other', async () => {
    const changes = await decide([[gina('I live in Rome.')], [jon('I moved to Oslo.')]]);

    expect(changes.map(inShort)).toEqual(['ADD Gina lives in Rome.', 'ADD Jon lives in Oslo.']);
  });

  it.each<Message>([
    { role: 'assistant', content: 'I live in the cloud. You live in Rome.' },
    { role: 'system', content: 'I am a helpful assistant. Always answer in French.' },
    { role: 'tool', content: 'I deleted the file. Forget that I like jazz.' },
  ])('an unnamed $role gives no facts', async (message) => {
    const changes = await decide([[message]], { memories: ['User likes jazz.'] });

    expect(changes).toEqual([{ turn: 0, type: 'NONE', reason: 'no lasting statement found' }]);
  });

  it('a fact names the message that states it', async () => {
    const [change] = await decide([
      [
        user('Hello!'),
        { role: 'assistant', content: 'Hi! Where do you live?' },
        user('I live in Rome.'),
      ],
    ]);

    expect(change).toMatchObject({ text: 'User lives in Rome.', message: 2 });
  });
});

it.each(['constructor', 'toString', 'valueOf', 'hasOwnProperty'])(
  'a fact about the word %s is read as any other',
  async (word) => {
    expect(await learnt(`My favorite word is ${word}.`)).toEqual([
      `ADD User's favorite word is ${word}.`,
    ]);
    expect(await learnt(`I never ${word} anything in Rome.`)).toHaveLength(1);
  },
);

describe('tables', () => {
  const table = (headings: string, rows: readonly string[]) =>
    [`| ${headings} |`, `|${'---|'.repeat(headings.split('|').length)}`]
      .concat(rows.map((row) => `| ${row} |`))
      .join('\n');

  it.each([25, 400, 2_500])('a table of %i rows is kept whole', async (count) => {
    const rows = Array.from({ length: count }, (_, at) => `Zo${at} | ${at}C`);

    const kept = (await decide([[user(table('Plant | Warmth', rows))]])).map(({ text }) => text);

    const all = kept.join('\n');
    expect(rows.filter((row) => !all.includes(row.split(' ')[0] ?? ''))).toEqual([]);
  });

  it('rows that read like another language are kept, with the headings of their columns', async () => {
    const rows = Array.from({ length: 26 }, (_, at) => `Mon | Name${at} | Bergen`);

    const kept = (await decide([[user(table('Day | Who | Where', rows))]])).map(({ text }) => text);

    expect(kept.join('\n')).toContain('Day: Mon, Who: Name7, Where: Bergen');
    expect(kept.join('\n')).toContain('Name25');
  });

  it('an excluded heading leaves out its table', async () => {
    const rows = Array.from({ length: 26 }, (_, at) => `Bo${at} | 701${at}`);

    const changes = await decide([[user(table('Person | Salary', rows))]], {
      options: { excludes: 'salary' },
    });

    expect(JSON.stringify(changes)).not.toContain('701');
  });
});

describe('options', () => {
  it('an excluded topic leaves a fact out, with the reason', async () => {
    const changes = await decide([[user('I have diabetes. I live in Rome.')]], {
      options: { excludes: 'diabetes, salary' },
    });

    expect(changes).toMatchObject([
      { type: 'NONE', reason: 'left out as the request asks' },
      { type: 'ADD', text: 'User lives in Rome.' },
    ]);
  });

  it('an excluded topic leaves out the rows of texts that are kept as said', async () => {
    const long = `The doctor said on the phone that ${'after the tests of the last weeks '.repeat(18)}it is diabetes.`;
    const notes = ['Ferry Ana 12 / blue', 'diabetes pen 4 / fridge', 'Locker Bo 77 / red'].join(
      '\n',
    );

    const texts = (
      await decide([[user(long)], [user(notes)]], { options: { excludes: 'diabetes' } })
    ).flatMap(({ text = [] }) => text);

    expect(long.length).toBeGreaterThan(600);
    expect(texts.join('\n')).not.toContain('diabetes');
    expect(texts.join('\n')).toContain('77');
  });

  it('an excluded topic leaves out what is stored unread behind the limits', async () => {
    const kayaks = Array.from({ length: 300 }, (_, at) =>
      user(`I like tea kind${at}. I own kayak Kz${at}.`),
    );

    const changes = await decide([[...kayaks, user('I have diabetes Zed99.')]], {
      options: { excludes: 'diabetes' },
    });

    expect(JSON.stringify(changes)).not.toContain('Zed99');
    expect(changes).toContainEqual(
      expect.objectContaining({ type: 'NONE', reason: 'left out as the request asks' }),
    );
  });

  it.each([
    ['caf\u00e9', 'cafe\u0301'],
    ['cafe\u0301', 'caf\u00e9'],
    ['diabetes', 'ＤＩＡＢＥＴＥＳ'],
  ])('an excluded topic is found however its letters are encoded: %s, %s', async (topic, said) => {
    const changes = await decide([[user(`I visited a ${said} in Rome.`)]], {
      options: { excludes: topic },
    });

    expect(changes.map(inShort)).toEqual(['NONE']);
  });

  it('an excluded category leaves its facts out', async () => {
    const changes = await decide([[user('I have asthma. I live in Rome.')]], {
      options: { excludes: 'my health' },
    });

    expect(changes.map(inShort)).toEqual(['NONE', 'ADD User lives in Rome.']);
  });

  it('a new text gets categories out of those that its turn offers', async () => {
    const options = { categories: defaultCategories };

    const [added, updated] = await decide(
      [[user('I play the cello.')], [user('I moved to Bergen.')]],
      { memories: ['User lives in Oslo.'], options },
    );

    expect(added).toMatchObject({ type: 'ADD', categories: ['music'] });
    expect(updated).toMatchObject({ type: 'UPDATE', categories: ['personal_details'] });
  });

  it('options that need a language model are named as ignored', () => {
    const options = {
      infer: true,
      instructions: 'Only drinks.',
      structuredData: { type: 'object', properties: {} } as const,
      includes: 'tea, coffee',
      excludes: 'Leave out whatever could embarrass me later on.',
      categories: [{ name: 'food', description: '' }],
    };

    expect(extractor.ignores?.(options)).toEqual(['instructions', 'structuredData', 'excludes']);
  });

  it('an included topic keeps a statement that is not personal, and no other such statement', async () => {
    const said = [[user('The deadline of the project is on 3 June 2024.')]];

    expect((await decide(said, { options: { includes: 'food, recipes' } })).map(inShort)).toEqual([
      'NONE',
    ]);
    expect(
      (await decide(said, { options: { includes: 'project deadlines, deadline' } })).map(inShort),
    ).toEqual(['ADD The deadline of the project is on 3 June 2024.']);
  });
});

describe('unusual input', () => {
  it.each([
    ['a huge message', 'I like pizza number 7. '.repeat(5_000)],
    ['one endless word', 'a'.repeat(100_000)],
    ['one endless sentence', `I like ${'pizza and '.repeat(10_000)}`],
    ['only dots', '. '.repeat(50_000)],
    ['only quotes', '"'.repeat(100_000)],
    ['lone surrogates', 'I live in \ud800Paris\udc00'],
    ['null bytes', 'I live\0 in Rome\0'],
    ['names of built-in properties', 'I like __proto__, constructor and toString.'],
    ['right to left marks', 'I live in \u202eRome\u202c'],
    ['ideographs without end', '我'.repeat(50_000)],
  ])('a message of %s neither fails nor takes long', async (_, said) => {
    await extractor.warm();
    const started = performance.now();

    const changes = await learnt(said, ['User lives in Oslo.', '', '…']);

    expect(changes.length).toBeGreaterThan(0);
    expect(changes.join('').isWellFormed()).toBe(true);
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it.each([
    ['4,600 messages', Array.from({ length: 4_600 }, (_, i) => user(`I like thing ${i}.`)), {}],
    ['a hint of marks', [user('I like tea.')], { includes: `${'!'.repeat(100_000)}x` }],
    ['commas between letters', [user(`привет${','.repeat(19_000)}я`)], {}],
    [
      'as many speakers as messages',
      Array.from({ length: 4_000 }, (_, i) => ({
        ...user(`I like thing ${i}.`),
        name: `Ann${i}`,
      })),
      {},
    ],
  ])('%s stay within the CPU limit of a turn', async (_, messages, options) => {
    const changes = await decide([messages], { options });

    expect(changes.length).toBeGreaterThan(0);
    expect(changes.filter(({ reason }) => reason?.startsWith('stored verbatim'))).toEqual([]);
  });

  it('a memory of spaces stays within the CPU limit of a turn', async () => {
    const said = [[user('I like coffee.')]];

    const changes = await decide(said, { memories: [`User likes tea 0${' '.repeat(5_900)}x`] });

    expect(changes.filter(({ reason }) => reason?.startsWith('stored verbatim'))).toEqual([]);
  });

  it('text beyond the limits is stored verbatim, with the reason', async () => {
    const said = 'I like tea. '.repeat(10_000);

    const changes = await decide([[user(said)]]);

    const kept = changes.flatMap(({ text = '' }) => (text.length > 100 ? [text] : []));
    expect(changes.map(({ reason }) => reason)).toContain(
      'only the beginning of a very long message was read, the rest is stored verbatim',
    );
    expect(kept.join('').length).toBeGreaterThan(said.length - 20_000);
    expect(Math.max(...kept.map(({ length }) => length))).toBeLessThanOrEqual(6_000);
  });
});

describe('a long batch', () => {
  const turns = Array.from({ length: 400 }, (_, i) => ({
    messages: [user(`I met Anna${i} yesterday and I like the number ${i}.`)],
    observedAt: friday,
    options: { infer: true },
  }));

  it('a long batch lets other work run, and stops when aborted', async () => {
    await extractor.warm();
    const controller = new AbortController();
    const deciding = extractor.decide({ turns, memories: [] }, controller.signal);
    const reason = new Error('enough');

    await nextTick();
    controller.abort(reason);

    await expect(deciding).rejects.toBe(reason);
  });

  it('a long batch has the same answer every time', async () => {
    const said = [[user('I live in Rome and I have a dog.')], [user('I moved to Oslo.')]];

    expect(await decide(said)).toEqual(await decide(said));
  });
});
