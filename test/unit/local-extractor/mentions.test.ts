import { afterAll, describe, expect, it } from 'vitest';
import { decide, extractor, learnt, user } from './learn.ts';

afterAll(() => extractor.close());

describe('a pronoun', () => {
  it.each([
    ['Met Tom yesterday. He is moving to Oslo.', 'Tom is moving to Oslo.'],
    ['Ali said hi. He runs a gym now.', 'Ali runs a gym now.'],
    ['Brigitte moved in. Her birthday is 3 May.', "Brigitte's birthday is 3 May."],
    ['Acme called. They want weekly reports.', 'Acme: they want weekly reports.'],
    ['Maria works at Bosch. Has two kids.', 'Maria has two kids.'],
    ['Dog: Rex. Likes carrots.', 'Rex likes carrots.'],
    ['My son is 9. Is allergic to nuts.', "User's son is allergic to nuts."],
  ])(
    'that is there or left out means the only person that the sentence before names: %j',
    async (said, fact) => {
      expect(await learnt(said)).toContain(`ADD ${fact}`);
    },
  );

  it.each([
    'Ali and Bea said hi. He runs a gym now.',
    'I was in Lisbon. He runs a gym now.',
    'Ali said hi. The plumber came. He runs a gym now.',
  ])('has no name after several persons, a place, or another sentence: %j', async (said) => {
    expect(await learnt(said)).toContain('ADD He runs a gym now.');
  });
});

describe('notes in groups', () => {
  it.each([
    ['Leo\n peanut allergy\nMia\n asthma', ['Leo: peanut allergy.', 'Mia: asthma.']],
    [
      '## Leo\n- peanut allergy\n- age 7\n\n## Mia\n- asthma',
      ['Leo: peanut allergy, age 7.', 'Mia: asthma.'],
    ],
  ])('%j has the heading in each memory', async (said, facts) => {
    expect(await learnt(said)).toEqual(facts.map((fact) => `ADD ${fact}`));
  });

  it('statements of the speaker below a heading stay statements of the speaker', async () => {
    expect(await learnt('Work\n- I lead a team\nHome\n- I have a cat')).toEqual(
      expect.arrayContaining(['ADD User leads a team.', 'ADD User has a cat.']),
    );
  });
});

describe('a question or a request', () => {
  it.each([
    ['is working from home tax deductible for me as a freelancer?', 'User is a freelancer.'],
    ['explain GDPR to me like the baker I am', 'User is a baker.'],
    ['suggest a gift for my dad, a retired pilot', "User's dad is a retired pilot."],
    ['convert 62,000 euros, my salary, to dollars', "User's salary is 62,000 euros."],
    ['is it bad that my toddler only eats pasta?', "User's toddler only eats pasta."],
    ['let my team know that I am sick', 'User is sick.'],
    ['can I deduct the desk I bought in March?', 'User bought the desk in March 2023.'],
    ['did I mention I am colour-blind?', 'User is colour-blind.'],
    ['Given that Ron knows Java, who should lead?', 'Ron knows Java.'],
  ])('states what it takes for granted: %j', async (said, fact) => {
    expect(await learnt(said)).toContain(`ADD ${fact}`);
  });

  it.each([
    'can I use it as a template?',
    'tell me if I am right',
    'did you know that honey never spoils?',
    'is it normal that my knee clicks?',
    'can you believe it?',
    'of course',
    'sort the list by date',
    'option B',
  ])('states nothing: %j', async (said) => {
    const changes = await decide([[user(said)]]);

    expect(changes.filter(({ type }) => type !== 'NONE')).toEqual([]);
  });
});

describe('words of another person', () => {
  it.each([
    ['From: Bob\nI live in Oslo.', ['Bob lives in Oslo.']],
    [
      'Begin forwarded message\nFrom: Dr. Weiss\nYour cholesterol is 240.',
      ["Dr. Weiss said that User's cholesterol is 240."],
    ],
    ['Dear Sam,\nI retire in June.\nYours, Leon', ['Leon retires in June 2023.']],
    ['Hi Sam,\nthe flat is sold.\nLeon', ['Leon said that the flat is sold.']],
    ["Tim here (using Anna's phone): I am stuck in Lyon", ['Tim is stuck in Lyon.']],
    ['and then Mark was like: I hate surprises', ['Mark hates surprises.']],
    ["@rosa: i'm allergic to cats", ['Rosa is allergic to cats.']],
    ['bert on discord: i sold my kayak', ['Bert sold their kayak.']],
    ['According to Yusuf, he has three sons', ['Yusuf said that he has three sons.']],
    [
      "My daughter wants a pony, she says 'I will feed it'",
      ["User's daughter wants a pony.", "User's daughter will feed it."],
    ],
    [
      'my roommate\'s note: "I\'m moving out in June"',
      ["User's roommate is moving out in June 2023."],
    ],
    ['quoting Leon here: I retire in June', ['Leon retires in June 2023.']],
    ['Leon, my trainer, is retiring', ["Leon, User's trainer, is retiring."]],
    ['Speaker 1: my name is Otto\nSpeaker 2: nice to meet you', ["Speaker 1's name is Otto."]],
  ])('%j is about its author', async (said, facts) => {
    expect(await learnt(said)).toEqual(facts.map((fact) => `ADD ${fact}`));
  });
});
