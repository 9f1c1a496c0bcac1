import { describe, expect, it } from 'vitest';
import { learnt } from './learn.ts';

describe('statements', () => {
  it.each<[string, ...string[]]>([
    ['I live in SF and I have a dog named Rex', 'User lives in SF.', 'User has a dog named Rex.'],
    [
      'I live in SF and work at Google as a data engineer.',
      'User lives in SF.',
      'User works at Google as a data engineer.',
    ],
    ['im vegan and i live in Seattle', 'User is vegan.', 'User lives in Seattle.'],
    [
      "I'm Sam, a 34-year-old nurse from Boston.",
      "User's name is Sam.",
      'User is a 34-year-old nurse from Boston.',
    ],
    ["I'm German", 'User is German.'],
    ["I'm married to Anna and we have two kids", 'User is married to Anna.', 'User has two kids.'],
    [
      'My wife and I moved to Boston in 2019.',
      'User lives in Boston with their wife (moved there in 2019).',
    ],
    ['I run and swim in my free time', 'User runs and swims in their free time.'],
    ["I don't eat pork", 'User does not eat pork.'],
    ["I've been learning piano for 3 years", 'User has been learning piano for 3 years.'],
    ['I think I need glasses', 'User thinks they need glasses.'],
    ['The doctor told me to avoid gluten.', 'The doctor told User to avoid gluten.'],
    [
      'My email is sam@example.com and my phone number is 555-1234',
      "User's email is sam@example.com.",
      "User's phone number is 555-1234.",
    ],
    [
      'I have a dog. His name is Rex. He is 3 years old.',
      'User has a dog.',
      "User's dog is named Rex.",
      "User's dog is 3 years old.",
    ],
    ['Just got back from Hawaii', 'User just got back from Hawaii.'],
    ['Allergic to shellfish btw', 'User is allergic to shellfish.'],
    ["I'm allergic to peanuts. What should I cook tonight?", 'User is allergic to peanuts.'],
    ['I have a dog named Rex, can you suggest a toy for him?', 'User has a dog named Rex.'],
    ['I live in Rome, right?', 'User lives in Rome.'],
    ['My friend said "I love you" to me', 'User\'s friend said "I love you" to User.'],
    ['Hey there! By the way, I hate olives.', 'User hates olives.'],
    ['I work as a nurse at St. Mary’s Hospital.', "User works as a nurse at St. Mary's Hospital."],
    ['Everyone calls me Bob', 'User prefers to be called Bob.'],
    ['Remember that my wifi password is hunter2', "User's wifi password is hunter2."],
    ['I agree. I used to live in Berlin.', 'User used to live in Berlin.'],
  ])('the statement %j becomes facts in the third person', async (said, ...facts) => {
    expect(await learnt(said)).toEqual(facts.map((fact) => `ADD ${fact}`));
  });

  it('a sentence about a person or pet becomes a fact, known or not', async () => {
    const fact = 'Rex is a golden retriever.';

    expect(await learnt(fact, ['User has a dog named Rex.'])).toEqual([`ADD ${fact}`]);
    expect(await learnt(fact)).toEqual([`ADD ${fact}`]);
  });
});

describe('one fact of several words', () => {
  it.each([
    ['I binge-watched The Office.', 'User binge-watched The Office.'],
    ['I binge-watch crime series.', 'User binge-watches crime series.'],
    ['I double-check every invoice.', 'User double-checks every invoice.'],
    ['I home-school my kids.', 'User home-schools their kids.'],
    ['I dry-clean my suits.', 'User dry-cleans their suits.'],
    ['I hand-wrote my vows.', 'User hand-wrote their vows.'],
  ])('the last part of a compound verb is conjugated: %s', async (said, fact) => {
    expect(await learnt(said)).toEqual([`ADD ${fact}`]);
  });

  it.each([
    ['I used to smoke but I quit.', 'User used to smoke but quit.'],
    ['I used to play tennis but I stopped.', 'User used to play tennis but stopped.'],
    ['I used to smoke, but I quit in 2019.', 'User used to smoke but quit in 2019.'],
    ['I used to work at Google but I left.', 'User used to work at Google but left.'],
    [
      'I used to run, but I gave it up because of my knee.',
      'User used to run but gave it up because of their knee.',
    ],
    [
      'I used to bite my nails but I stopped three years ago.',
      'User used to bite their nails but stopped in 2020.',
    ],
  ])('a habit and its end are one fact: %s', async (said, fact) => {
    expect(await learnt(said)).toEqual([`ADD ${fact}`]);
  });

  it('a habit and another fact stay two', async () => {
    expect(await learnt('I used to live in Rome but I moved to Oslo.')).toHaveLength(2);
  });
});

describe('standing instructions', () => {
  it.each([
    ['always answer in French', 'User wants the assistant to always answer in French.'],
    ['Please always reply in French', 'User wants the assistant to always reply in French.'],
    ['Could you always reply in German?', 'User wants the assistant to always reply in German.'],
    ['call me Sam', 'User prefers to be called Sam.'],
    ['never use emojis', 'User wants the assistant to never use emojis.'],
    ['From now on, be concise', 'User wants the assistant to be concise from now on.'],
    ['Please keep your answers short', 'User wants the assistant to keep its answers short.'],
    [
      'Whenever I ask for code, use TypeScript',
      'User wants the assistant to use TypeScript whenever they ask for code.',
    ],
    ['Remind me to call mom on Friday', 'User asked to be reminded to call mom on 19 May 2023.'],
  ])('the standing instruction %j becomes a fact', async (said, fact) => {
    expect(await learnt(said)).toEqual([`ADD ${fact}`]);
  });

  it('an instruction and a statement in one sentence become two facts', async () => {
    expect(await learnt('My name is Sam but call me Sammy')).toEqual([
      "ADD User's name is Sam.",
      'ADD User prefers to be called Sammy.',
    ]);
  });
});

describe('texts without facts', () => {
  it.each([
    ['a question', "What's the weather like today?"],
    ['a question without its mark', 'what is the capital of France'],
    ['a request', 'Can you recommend a restaurant?'],
    ['a task', 'Write me a poem about cats'],
    ['a wish to be served', 'I want you to write a poem about cats'],
    ['a greeting', 'Hi there, how are you?'],
    ['thanks', "Thanks, that's great!"],
    ['a mood', "I'm so happy!"],
    ['a passing state', "I'm tired"],
    ['agreement', 'I totally agree with you'],
    ['a promise', "I'll let you know"],
    ['a supposition', 'If I lived in Paris, I would be happy'],
    ['an error report', 'I get an error when I run npm install'],
    ['a role play', 'Act as a pirate. I am your captain.'],
    ['an idiom', 'Never mind'],
    ['an emoji', '👍'],
    ['nothing', ''],
    ['code', '```ts\nconst text = "I live in Oslo";\n// I like cats\n```'],
    ['a quotation of a text beside thanks', '> The mill stood by the river.\nok, thanks'],
    ['the weather', 'It has been raining all day here.'],
  ])('nothing is extracted from %s', async (_, said) => {
    expect(await learnt(said)).toEqual(['NONE']);
  });
});

describe('the form of a message', () => {
  it('each bullet of a list is a sentence of its own', async () => {
    expect(await learnt('- I like pizza\n- I hate olives\n1. I live in Rome')).toEqual([
      'ADD User likes pizza.',
      'ADD User hates olives.',
      'ADD User lives in Rome.',
    ]);
  });

  it('a heading and its bullets become one fact', async () => {
    expect(await learnt('My favorite foods are:\n- pizza\n- sushi')).toEqual([
      "ADD User's favorite foods are pizza, sushi.",
    ]);
  });

  it.each([
    ['I read [this guide](https://example.com/guide) daily.', 'User reads this guide daily.'],
    ['My blog is [Foo Bar](https://foo.bar/a_(b)).', "User's blog is Foo Bar."],
    [
      'I use [Obsidian](https://obsidian.md) and [Zotero](https://zotero.org "Zotero").',
      'User uses Obsidian and Zotero.',
    ],
    ['I work on [Falcon][1].', 'User works on Falcon.'],
    ['My portfolio is <https://me.dev>.', "User's portfolio is https://me.dev."],
    ['My notes are in [[Daily Notes]].', "User's notes are in Daily Notes."],
    ['I keep a list [of books] at home.', 'User keeps a list [of books] at home.'],
  ])('of a link the text stays: %s', async (said, fact) => {
    expect(await learnt(said)).toEqual([`ADD ${fact}`]);
  });

  it('a web address stays complete', async () => {
    expect(await learnt('My site is https://example.com/a?b=1.c and I love it')).toEqual([
      "ADD User's site is https://example.com/a?b=1.c.",
    ]);
  });

  it('prose around a code block is extracted', async () => {
    expect(await learnt('I use Vim.\n```\nI = 1\n```\nI work at Acme.')).toEqual([
      'ADD User uses Vim.',
      'ADD User works at Acme.',
    ]);
  });
});

describe('other languages', () => {
  it.each([
    ['Ayer los vecinos pintaron la valla.', 'Ayer los vecinos pintaron la valla.'],
    [
      'Les voisins ont repeint la clôture. Quelle heure est-il ?',
      'Les voisins ont repeint la clôture.',
    ],
    ['上个月隔壁在装修。你呢？', '上个月隔壁在装修。'],
    ['Зима была долгой. Как дела?', 'Зима была долгой.'],
    ['أنا أعيش في القاهرة.', 'أنا أعيش في القاهرة.'],
  ])('the foreign text %j is quoted', async (said, kept) => {
    expect(await learnt(said)).toEqual([`ADD User said: "${kept}"`]);
  });

  it.each(['你好', 'Привет!', '¿Cómo estás?', '東京は暑いですか'])(
    'the foreign greeting or question %j is not quoted',
    async (said) => {
      expect(await learnt(said)).toEqual(['NONE']);
    },
  );
});
