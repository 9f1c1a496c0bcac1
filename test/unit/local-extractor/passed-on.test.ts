import { afterAll, describe, expect, it } from 'vitest';
import { decide, extractor, inShort, learnt, user } from './learn.ts';

afterAll(() => extractor.close());

describe('words of others in the forms in which programs copy them', () => {
  it.each([
    ['[10:02] Kai: I live in Zagreb now\n[10:03] Me: since when?', 'Kai lives in Zagreb now.'],
    ["19:40 - Tove: I'm joining Volvo\n19:41 - Me: congrats!!", 'Tove is joining Volvo.'],
    ['Tove, 20:15\nI got a puppy\n\nMe, 20:16\nomg cute', 'Tove got a puppy.'],
    ["Kim (10:02 PM): i'm vegan btw\nMe (10:03 PM): ok", 'Kim is vegan.'],
    ['Ana >> I passed the bar exam!!\nme >> congrats', 'Ana passed the bar exam.'],
    [
      "Screenshot of our chat:\nDad 18:01: I sold the boat\nMum 18:03: I told everyone it's mine",
      'Dad sold the boat.',
    ],
    [
      'On 3 Sep 2026, at 10:11, Lotte Brand <lotte@brand.example> wrote:\n\n> I own a forge in Turku.\n\nthanks!',
      'Lotte Brand owns a forge in Turku.',
    ],
    [
      "Hi team,\n\nI'm moving to the Oslo office.\n\nBest regards,\nHelena Moss\nHead of Ops",
      'Helena Moss is moving to the Oslo office.',
    ],
    [
      'My daughter came home and said "I hate maths and I love art"',
      "User's daughter hates maths.",
    ],
    ['"I\'m allergic to cats" is what Elena told me', 'Elena is allergic to cats.'],
    ['According to Pia, Sven lost his job', 'Pia said that Sven lost his job.'],
    [
      'The doctor said "you have high blood pressure"',
      'The doctor said that User has high blood pressure.',
    ],
    ["Here's what Ben wrote:\nHey, I got the job at Siemens!", 'Ben got the job at Siemens.'],
    [
      'Forwarded message from Dana: the keys are under the mat',
      'Dana said that the keys are under the mat.',
    ],
    [
      'Bank letter: your card expires in May',
      "Bank letter said that User's card expires in May 2024.",
    ],
    ['Dr. Patel: your results are normal', "Dr. Patel said that User's results are normal."],
  ])('%j is a fact about its author', async (said, fact) => {
    const changes = await learnt(said);

    expect(changes).toContain(`ADD ${fact}`);
    expect(changes.join()).not.toMatch(/ADD User (?:is|has|got|sold|owns|hates|lives|passed)/);
  });

  it.each([
    [
      "Here's what Ben wrote: I got the job!\n\nI'm allergic to nuts.",
      ['Ben got the job.', 'User is allergic to nuts.'],
    ],
    [
      "Here's what Ben wrote:\n\nHi all,\n\nI'm moving to Rome.\n\nBest,\nBen\n\nI'm allergic to nuts.",
      ['Ben is moving to Rome.', 'User is allergic to nuts.'],
    ],
    [
      'Message from Dana: I own a bakery.\n\nMessage from Kim: I own a forge.',
      ['Dana owns a bakery.', 'Kim owns a forge.'],
    ],
    [
      'Look what Ben posted:\n> I own a boat.\n\nI own a kayak.',
      ['Ben owns a boat.', 'User owns a kayak.'],
    ],
    [
      'Ben posted this today\n> I own a boat.\n\nI own a kayak.',
      ['Ben owns a boat.', 'User owns a kayak.'],
    ],
    [
      'Message from Dana:\nHi Tom,\n\nI own a bakery.\n\nI sold the car.',
      ['Dana owns a bakery.', 'Dana sold the car.'],
    ],
  ])('%j has its facts about their authors', async (said, facts) => {
    expect(await learnt(said)).toEqual(facts.map((fact) => `ADD ${fact}`));
  });

  it.each([
    'In my short story the narrator says: I killed my brother in 1998',
    'roleplay. I am Captain Thorn and I command a fleet of forty ships',
    'Lyrics of the day: "I was born in the U.S.A."',
    '> I own two tickets for the final',
    '"I never eat meat, I only eat fish."',
  ])('%j is kept as it was passed on', async (said) => {
    const changes = await decide([[user(said)]]);

    expect(changes).toMatchObject([{ type: 'ADD', verbatim: true }]);
    expect(changes[0]?.text).toMatch(/^User passed on: "/);
  });

  it.each([
    'Summarise: I grew up in Leeds, studied law, and now run a bakery in York.',
    'please rewrite this text: I own two clinics',
    'Translate into Dutch: I am married and I have three kids.',
  ])('%j teaches nothing, since the text is there to be worked on', async (said) => {
    expect(await learnt(said)).toEqual(['NONE']);
  });

  it("the speaker's own messages in a chat are facts about the speaker", async () => {
    const said = 'Rosa: what do you drive?\nme: I drive a Saab\nRosa: I drive a Lada';

    expect(await learnt(said)).toEqual(['ADD User drives a Saab.', 'ADD Rosa drives a Lada.']);
  });
});

describe('notes', () => {
  it.each([
    ['Mon: swimming\nWed: choir', ['Every Monday: swimming.', 'Every Wednesday: choir.']],
    [
      'user:\n  name: Tess\n  pets:\n    - cat\n    - tortoise',
      ['Name: Tess.', 'Pets: cat and tortoise.'],
    ],
    ['wife - Sofie', ["User's wife's name is Sofie."]],
    ['184 cm', ['User is 184 cm tall.']],
    [
      '- vegetarian\n- two kids (Jan, Mia)',
      ['User is vegetarian.', 'User has two kids (Jan, Mia).'],
    ],
    [
      'To-do\n[ ] renew passport\n[x] pay the plumber',
      ['To do: renew passport.', 'Done: pay the plumber.'],
    ],
    ['favourite band Mew', ["User's favorite band is Mew."]],
    ['hotel Miramar, room 214', ['Hotel Miramar, room 214.']],
    ['["I drive a Saab"]', ['User drives a Saab.']],
  ])('%j', async (said, facts) => {
    expect(await learnt(said)).toEqual(facts.map((fact) => `ADD ${fact}`));
  });

  it('an item that cannot be read is kept as said beside the others', async () => {
    const changes = await decide([[user('- vegetarian\n- afraid of flying\n- ex navy')]]);

    expect(changes.map(inShort)).toEqual([
      'ADD User is vegetarian.',
      'ADD User is afraid of flying.',
      'ADD ex navy',
    ]);
    expect(changes[2]?.verbatim).toBe(true);
  });
});

describe('changes that people say in passing', () => {
  it.each([
    ["User's flight lands in Porto.", 'Sorry, I meant Faro.', "User's flight lands in Faro."],
    ['User is unemployed.', 'I found work!', 'User found work.'],
    [
      'User is getting married in June 2027.',
      'we called the wedding off',
      'User called the wedding off.',
    ],
    ["User's passport is lost.", 'I found my passport', 'User found their passport.'],
    ['User does yoga before work.', 'I do yoga after work now', 'User does yoga after work now.'],
    ["User's seat is 12A.", 'they moved me to 27F', 'They moved User to 27F.'],
    [
      "User's son's football is on Saturdays.",
      'football moved to Sundays',
      'Football moved to Sundays.',
    ],
    ['User has a boyfriend, Ravi.', 'Ravi and I split up', 'User (with Ravi) splits up.'],
  ])('%j is replaced by %j', async (memory, said, fact) => {
    expect(await learnt(said, [memory])).toEqual([`UPDATE m0 ${fact}`]);
  });

  it.each([
    ['User flies to Rome every May.', 'I fly from Rome every May'],
    ['User drinks two litres of water a day.', 'I drink my coffee black now'],
    ["User's sister has two sons.", 'my cousin moved to Bonn'],
  ])('%j stays beside %j', async (memory, said) => {
    const changes = await learnt(said, [memory]);

    expect(changes).toHaveLength(1);
    expect(changes[0]).toMatch(/^ADD /);
  });
});

describe('words behind a name', () => {
  it.each([
    ['Ana via WhatsApp: I moved to Rome', 'Ana lives in Rome.'],
    ['Ben (colleague): I am off on Fridays', 'Ben is off on Fridays.'],
    ['*Ana*: I moved to Rome', 'Ana lives in Rome.'],
    ['Ana > I moved to Rome', 'Ana lives in Rome.'],
    ['my sister: we are having twins', "User's sister is having twins."],
    ['He goes: I quit', 'User passed on: "He goes: I quit"'],
    ['Boss just now: you lead Project Heron', 'Boss said: "you lead Project Heron"'],
  ])('%j is about the person', async (said, fact) => {
    expect(await learnt(said)).toEqual([`ADD ${fact}`]);
  });
});
