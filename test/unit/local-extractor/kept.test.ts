import { afterAll, describe, expect, it } from 'vitest';
import { decide, extractor, inShort, learnt, user } from './learn.ts';

afterAll(() => extractor.close());

const assistant = (content: string) => ({ role: 'assistant' as const, content });

/** Renders the changes of an answer to a question of the assistant. */
const answered = async (question: string, answer: string): Promise<string[]> =>
  (await decide([[assistant(question), user(answer)]])).map(inShort);

describe('statements about others', () => {
  it.each([
    ['Petra is allergic to pollen.', 'Petra is allergic to pollen.'],
    ['The project uses pnpm, never npm.', 'The project uses pnpm, never npm.'],
    ['City: Quito', 'City: Quito.'],
    ['{"name":"Nils","city":"Turku"}', 'Name: Nils, city: Turku.'],
    ['| tool | owner |\n|---|---|\n| saw | Mila |', 'Tool: saw, owner: Mila.'],
    ['my uncle Bert drives a bus', "User's uncle Bert drives a bus."],
    ['Grandma was a nurse', "User's grandma was a nurse."],
    ['This is my wife Lena.', "User's wife's name is Lena."],
    ['Meet my brother Ole', "User's brother's name is Ole."],
    ['blood type O negative', "User's blood type is O negative."],
    ['Likes long train rides', 'Likes long train rides.'],
    ['nobody in our house eats pork', "Nobody in User's house eats pork."],
    ['no car anymore', 'User has no car anymore.'],
    ['I usually fast on Wednesdays', 'User usually fasts on Wednesdays.'],
    ['Parking costs me 12 euros a day', 'Parking costs User 12 euros a day.'],
    ['note to self: the spare key is with Ben', 'The spare key is with Ben.'],
    ['remember the boiler man is Ulf', 'The boiler man is Ulf.'],
    [
      'no emojis in your answers please',
      'User wants the assistant to use no emojis in its answers.',
    ],
    ['<p>The office is in <b>Bern</b>.</p>', 'The office is in Bern.'],
  ])('%j becomes a fact', async (said, fact) => {
    expect(await learnt(said)).toEqual([`ADD ${fact}`]);
  });

  it('a statement that the rules cannot read is kept as said, and marked', async () => {
    const [change] = await decide([[user('trombone since the summer camp')]]);

    expect(change).toMatchObject({
      type: 'ADD',
      text: 'trombone since the summer camp',
      verbatim: true,
    });
  });

  it('a list of tasks is kept as a whole', async () => {
    const list = '- Pay the plumber\n- Feed the fish at 6';

    expect(await decide([[user(list)]])).toMatchObject([
      { type: 'ADD', text: list, verbatim: true },
    ]);
  });

  it('a long text is kept as a whole beside the facts about its writer', async () => {
    const text = 'The bridge was built in the river valley by a guild of masons. '.repeat(40);
    const changes = await decide([[user(`${text}I play the cello.`)]]);

    expect(changes.map(inShort)).toContain('ADD User plays the cello.');
    expect(changes.filter(({ verbatim }) => verbatim)).toHaveLength(1);
  });

  it.each([
    'wow, that is so kind of you',
    'aight, ttyl',
    'whats the capital of Peru',
    'recipe for banana bread',
    'brainstorm some slogans',
    'I do not understand the second step',
    'perfect, exactly what I needed',
    'I need a recipe for pancakes.',
    'beautiful, I love it!',
    'vielen Dank, bis morgen!',
    'merci beaucoup, bonne journée !',
    '谢谢你，再见',
    'Summarize: the tower is a museum now.',
  ])('%j teaches nothing', async (said) => {
    expect(await learnt(said)).toEqual(['NONE']);
  });
});

describe('answers to questions of the assistant', () => {
  it.each([
    ['Any allergies?', 'Yes, peanuts.', 'User has allergies: peanuts.'],
    ['Any allergies?', 'not that I know of', 'User has no allergies.'],
    ['Do you have kids?', '3', 'User has 3 kids.'],
    ['Do you have a car?', 'sold it', 'User sold their car.'],
    ['Tea or coffee?', 'the former', 'User prefers Tea.'],
    ['Are you left or right handed?', 'left', 'User is left handed.'],
    ['Blood type?', 'O-', "User's blood type is O-."],
    ['Do you have any pets?', 'no', 'User has no pets.'],
    ['What should I call you?', 'Kit', 'User prefers to be called Kit.'],
    ['How many kids do you have?', 'three', 'User has three kids.'],
    ['Where do you live?', 'in Ghent', 'User lives in Ghent.'],
    ['Do you prefer trains or planes?', 'trains', 'User prefers trains.'],
    ['So you prefer rice over pasta?', 'the other way round', 'User prefers pasta to rice.'],
    ['Is Nora your sister?', 'cousin actually', "Nora is User's cousin."],
    ['Are you left-handed?', 'yep', 'User is left-handed.'],
    ['What time do you usually get up?', '6:15 on workdays', 'User gets up at 6:15 on workdays.'],
    ['Window or aisle?', 'aisle', 'User prefers aisle.'],
    ['Do you eat meat?', 'only chicken', 'User eats only chicken.'],
    ['Does your wife work?', 'yes', "User's wife works."],
    ['How do you take your tea?', 'with milk', 'User takes their tea with milk.'],
  ])('%j %j', async (question, answer, fact) => {
    expect(await answered(question, answer)).toEqual([`ADD ${fact}`]);
  });

  it('an answer that fits no rule is kept with its question', async () => {
    const [change] = await decide([
      [assistant('When does the choir meet?'), user('after church, mostly')],
    ]);

    expect(change).toMatchObject({
      text: '"When does the choir meet?" "after church, mostly"',
      verbatim: true,
    });
  });

  it.each([
    ['Would you like me to explain?', 'yes please'],
    ['Anything else?', 'no thanks'],
    ['Does that make sense?', 'perfectly clear'],
  ])('%j %j teaches nothing', async (question, answer) => {
    expect(await answered(question, answer)).toEqual(['NONE']);
  });
});

describe('words of others', () => {
  it.each([
    ['From: Bob\nTo: me\nSubject: news\n\nI live in Oslo.', 'Bob lives in Oslo.'],
    ["Jan: I'm allergic to latex\nme: ok", 'Jan is allergic to latex.'],
    ['My boss wrote: I moved to Cork.', "User's boss lives in Cork."],
  ])('%j is a fact about its author', async (said, fact) => {
    expect(await learnt(said)).toContain(`ADD ${fact}`);
  });

  it('a letter without a known author is kept as it was passed on', async () => {
    const [change] = await decide([[user('Dear Madam, I own a mine and I need your help.')]]);

    expect(change).toMatchObject({ verbatim: true });
    expect(change?.text).toMatch(/^User passed on: "Dear Madam/);
  });
});

describe('secrets', () => {
  it.each([
    ['my pin is [redacted]', "User's pin is [redacted]."],
    ['my npm token is [redacted key]', "User's npm token is [redacted key]."],
    ['my social is [redacted id number]', "User's social is [redacted id number]."],
  ])('of %j the kind is learnt', async (said, fact) => {
    expect(await learnt(said)).toEqual([`ADD ${fact}`]);
  });
});

describe('emoji and other languages', () => {
  it.each([
    ["I'm allergic to 🥜", 'User is allergic to peanuts.'],
    ['I have a 🐶 named Rex', 'User has a dog named Rex.'],
    ['I live in 🇯🇵', 'User lives in Japan.'],
    ['I ❤️ hiking', 'User loves hiking.'],
    ['Vivo en Lugo.', 'User lives in Lugo ("Vivo en Lugo").'],
    ['Ich arbeite bei Opel.', 'User works at Opel ("Ich arbeite bei Opel").'],
    ["J'habite à Lille.", 'User lives in Lille ("J\'habite à Lille").'],
    ['Ich bin nach Jena gezogen.', 'User lives in Jena ("Ich bin nach Jena gezogen").'],
    ['je ne bois pas de vin', 'User does not drink vin ("je ne bois pas de vin").'],
    ['Moro em Braga.', 'User lives in Braga ("Moro em Braga").'],
    ['我住在上海。', 'User lives in 上海 ("我住在上海").'],
    ['札幌に住んでいます。', 'User lives in 札幌 ("札幌に住んでいます").'],
  ])('%j', async (said, fact) => {
    expect(await learnt(said)).toEqual([`ADD ${fact}`]);
  });

  it('a change in another language updates the memory', async () => {
    expect(await learnt('Vivo ahora en Vigo.', ['User lives in Lugo ("Vivo en Lugo").'])).toEqual([
      'UPDATE m0 User lives in Vigo ("Vivo ahora en Vigo").',
    ]);
  });
});
