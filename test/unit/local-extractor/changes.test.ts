import { afterAll, describe, expect, it } from 'vitest';
import { decide, extractor, friday, inShort, learnt, user } from './learn.ts';

afterAll(() => extractor.close());

describe('changes to known facts', () => {
  it.each([
    ['User takes 50 mg of sertraline.', 'they upped my sertraline to 100 mg'],
    ["User's seat on the Oslo flight is 7A.", 'got moved to 2C on the Oslo flight'],
    ['The yoga class is at 9.', 'yoga class got pushed back to 10'],
    ['User goes swimming every morning.', 'I cycle instead of swimming these days'],
    ["User's dentist is Dr. Kowalski.", 'Kowalski retired, I see Dr. Bauer now'],
    ['User is a member of the chess club.', 'cancelled my chess club membership'],
    ['User smokes a pack a day.', "haven't smoked since May"],
    ['User gets up at 6 to run.', 'I get up at 8 nowadays'],
    ["User's rent is 800 euros.", 'the rent went up to 900 euros'],
    ['User lives at 3 Mill Lane.', 'new address: 9 Hill Road'],
    ['User does not have any pets.', 'adopted a beagle!'],
    ['The meeting room is 12.', 'sorry i meant 14 for the meeting room'],
    ['Depot 3 opens at 8.', 'Depot 3 opens at 9.'],
    ['The office in Berlin opens at 8.', 'The office in Berlin opens at 9.'],
    ['User manages a team of 6.', 'my team grew to 9 people'],
    ['User drinks five coffees a day.', 'i only have one coffee a day now'],
    ['User goes to bed around 1 am.', 'been going to bed at 10 lately'],
    ["User's parents live in Tampa.", 'mom and dad have moved up to Savannah'],
    ['Netflix costs User 12.99 a month.', 'netflix is 15.99 a month now'],
    ['User banks with Barclays.', 'closed my Barclays account and opened one with Monzo'],
    ['User has a meeting with Bo on Friday.', 'meeting with Bo is off'],
    ['User bikes to work.', 'with the new job I take the tram to work'],
    ['User wakes up at 7.', 'the baby has me up at 5:30 every day'],
    ['User earns 52k.', "I'm on 58k now"],
    ["User's son is in third grade.", 'my son started fourth grade'],
    ["User's brother lives in Austin.", "my brother's back in Chicago"],
    ["Anja is User's line manager.", 'I report to Deniz since May'],
    ["User's exam is on 3 June 2023.", "they've put the exam back to 10 June"],
    ["User's locker is number 41.", 'they gave me locker 57'],
    ['User is having the party in the garden.', 'weather looks awful so the party is off'],
    ['The cleaner comes every other Friday.', 'the cleaner comes every Friday now'],
    ["User's boss is Karin.", "she left, it's Peter now"],
    ['User works 40 hours a week.', 'cut down to 32'],
    ['User drinks 5 coffees a day.', 'down to 3'],
    ["User's bank is ING.", 'Triodos since last month'],
    ['User has an appointment on 18 May 2023.', 'had to push it, Friday works'],
    ['User is going to Rome in May 2023.', "Rome's cancelled, we're going to Porto"],
    ["User's appointment is on 16 May 2023.", 'der Termin wurde auf Freitag verschoben'],
  ])('%j is updated by %j', async (known, said) => {
    const changes = (await learnt(said, [known])).filter((change) => change !== 'NONE');

    expect(changes.some((change) => change.startsWith('UPDATE m0 '))).toBe(true);
  });

  it.each([
    ['User supports ticket 4411.', 'I support ticket 4412.'],
    ['Invoice 1044 is unpaid.', 'Invoice 1045 is unpaid.'],
    ['Depot 3 opens at 8.', 'Depot 4 opens at 9.'],
    ['Room 12 is booked at 9.', 'room 14 is booked at 10'],
    ['The office in Berlin opens at 8.', 'The office in Rome opens at 9.'],
    ['User pays 35 a month for the gym.', 'netflix is 15.99 a month now'],
    ["User's cousin is vegan.", 'im not vegan anymore'],
    ['User has two brothers, Finn and Arne.', "my brother's in Bergen these days"],
    ['User keeps the keys in a bowl.', 'I left the keys at home'],
    ['User has a dog named Rex.', 'I am taking Rex to the vet now'],
    ['User has a dog named Rex.', 'I bought a new leash for the park'],
    ["User's sister lives in Rome.", 'I moved to Bonn'],
    ['User lives in Rome.', 'my sister moved to a new house'],
    ['User plays the flute.', 'I stopped eating sugar'],
    ['User adopted a cat called Momo from a shelter.', 'I adopted a dog called Rex from a shelter'],
    ['User bought a bike from Tom.', 'I bought a helmet from Tom'],
    ['User went hiking in the Alps with Eva.', 'I went skiing in the Alps with Eva'],
    ['User is swamped with the kids and work.', "I'm off to go swimming with the kids!"],
    ['User made a bowl in pottery class.', 'I have not been to painting class yet'],
    ["User's chess tournament got pushed back.", 'I may join a new club after the tournament'],
    ['User is hoping to hear from the publisher.', 'I am now hoping for some sun'],
    ['User can share the pie recipe with Eva.', 'I am sending Eva the recipe now'],
    ['User is going to make their dream come true.', 'I am not going to let anyone stop me'],
    ['Painting gives User an escape.', 'I am not giving up on painting'],
    ["User's brother runs a coffee shop.", 'Tea instead of coffee.'],
    ["User's sister works at a tea house.", 'no tea for me please'],
    ["User's son plays football.", 'my daughter quit football'],
    ['User is allergic to nuts.', 'my son is not allergic to nuts'],
    ['User works from home.', "today I'm in the office"],
    ['User weighs 80 kilos.', 'my dog is down to 20 kilos'],
    ["User's flat has 3 rooms.", 'my office has 5 rooms now'],
    ["User's mum makes great pasta.", 'I gave up pasta'],
    ['User hates Mondays.', "it's Tuesday now"],
    ["User's exam in maths is on 3 June 2023.", 'my exam in physics is on 9 June'],
    ['User works from home on Fridays.', "I'm in the office on Mondays."],
    ['User cycles to work.', 'I take the bus to work when it rains.'],
    ['User is on 58k.', 'I make 2 pizzas every Friday.'],
    ['User wakes up at 7.', 'The smoke alarm is broken.'],
    ['User wakes up at 7.', 'I wake up at 9 on Sundays.'],
    ['User takes the 8:12.', 'I took the 8:42 because I overslept.'],
    ['User goes to bed at 10.', 'I went to bed at 1 last night.'],
    ["User's brother works at Lidl.", 'my brother works for a charity on Sundays'],
    ['User uses Slack at work.', 'I just joined a Zoom call.'],
    ["User's phone is a Pixel.", 'I just got a new Samsung TV.'],
  ])('%j stays beside %j', async (known, said) => {
    const changes = await learnt(said, [known]);

    expect(changes.every((change) => change.startsWith('ADD ') || change === 'NONE')).toBe(true);
  });

  it.each([
    'just kidding about the snake',
    'the snake thing was a joke',
    'I made up the snake',
    'there is no snake',
    'no snake, I was joking',
  ])('%j takes back what was said about the snake', async (said) => {
    expect(await learnt(said, ['User has a pet snake.', 'User has a dog.'])).toEqual(['DELETE m0']);
  });

  it.each([
    ["User's brother lives in Oslo.", 'My brother is my hero.'],
    ['User plays the piano.', 'The piano is my passion.'],
    ["User's boss is Karin.", 'I was wrong about my boss.'],
    ["User's sister lives in Rome.", 'I made up with my sister.'],
    ['User is allergic to milk.', 'There is no milk.'],
    ['User goes to the gym at 6.', "There's no gym."],
  ])('%j is not taken back by %j, and both stay', async (known, said) => {
    expect(await learnt(said, [known])).toEqual([expect.stringMatching(/^ADD /)]);
  });

  it('a denial that could mean several facts is kept and deletes none', async () => {
    const changes = await learnt('there is no snake', [
      'User has a snake called Kaa.',
      "User's sister has a snake called Nag.",
    ]);

    expect(changes).toEqual(['ADD There is no snake.']);
  });

  it('an idiom deletes neither an allergy nor several memories', async () => {
    const milk = ['User buys milk on Mondays.', 'User puts milk into coffee.'];

    expect(await learnt('Never mind the milk.', ['User is allergic to milk.'])).toEqual(['NONE']);
    expect(await learnt('kidding about the milk', ['User is allergic to milk.'])).toEqual(['NONE']);
    expect(await learnt('Never mind the milk.', milk)).toEqual(['NONE']);
    expect(await learnt('Never mind the milk.', milk.slice(1))).toEqual(['DELETE m0']);
  });

  it('a request to forget what was said about a thing deletes the memory', async () => {
    expect(
      await learnt('forget what I said about jade being my favourite colour', [
        "User's favorite color is jade.",
      ]),
    ).toEqual(['DELETE m0']);
  });

  it('two facts of one turn stay beside each other', async () => {
    const changes = await learnt('The boiler is old. They replaced the boiler.');

    expect(changes.map((change) => change.split(' ')[0])).toEqual(['ADD', 'ADD']);
  });
});

describe('a pronoun or a bare value', () => {
  const tenMinutes = 600_000;

  it.each([
    ['The gym costs 30 a month.', "it's gone up to 35", 'The gym costs 35 a month.'],
    ['The gym costs 30 a month.', 'it costs 35 a month now', 'The gym costs 35 a month.'],
    ["User's rent is 900.", "they've raised it to 950", "User's rent is 950."],
    ['The concert is at the Arena.', 'they moved it to the Dome', 'The concert is at the Dome.'],
    ['The trip is in June 2023.', 'postponed to August', 'The trip is in August 2023.'],
  ])(
    'of the newest fact: %j and %j are %j, but only within half an hour',
    async (known, said, text) => {
      const saidAfter = (ms: number) =>
        decide([[user(said)]], { memories: [known], memoriesAt: friday - ms });

      expect((await saidAfter(tenMinutes)).map(inShort)).toEqual([`UPDATE m0 ${text}`]);
      expect((await saidAfter(24 * 60 * tenMinutes)).map(({ type }) => type)).toEqual(['ADD']);
    },
  );

  it.each([
    ["User's sister lives in Oslo.", 'They transferred me to Leeds.'],
    ["User's sister lives in Oslo.", 'It moved to Leeds.'],
    ['User has 3 children.', 'They raised it to 950.'],
    ['User has 3 children.', 'cut down to 32'],
    ["User's rent is 900.", 'she is 45 now'],
  ])('%j is about something else than %j', async (known, said) => {
    const changes = await decide([[user(said)]], {
      memories: [known],
      memoriesAt: friday - tenMinutes,
    });

    expect(changes.map(({ type }) => type)).toEqual(['ADD']);
  });
});

describe('named people who talk with each other', () => {
  it.each([
    [
      "Got it Nate, I'll see you soon.",
      'Hoping to hear back from them soon, though I assume a few will be rejected.',
    ],
    [
      'I am reading this book.',
      "Haven't talked in a bit but wanted to let you know I read this awesome book about castles.",
    ],
  ])('%j stays beside %j, which has only common words with it', async (earlier, later) => {
    const joanna = (content: string) => ({ ...user(content), name: 'Joanna' });
    const nate = { role: 'assistant', name: 'Nate', content: 'Great!' } as const;

    const changes = await decide([[joanna(earlier), nate], [joanna(later)]]);

    expect(changes.map(({ type }) => type)).toEqual(['ADD', 'ADD']);
  });
});

describe('dates of what was arranged', () => {
  const march = Date.parse('2026-03-02T12:00:00Z');

  it.each([
    ['I booked a hotel for July 4th', 'User booked a hotel for 4 July 2026.'],
    ['got tickets for the gig on June 9', 'User got tickets for the gig on 9 June 2026.'],
    ['the viewing was rescheduled to June 3', 'The viewing was rescheduled to 3 June 2026.'],
    ['I got invited to a party on the 28th', 'User got invited to a party on 28 March 2026.'],
    ['signed up for a race, may 2-3', 'User signed up for a race, may 2-3 2026.'],
  ])('%j is in the future', async (said, fact) => {
    expect(await learnt(said, [], march)).toEqual([`ADD ${fact}`]);
  });

  it('an act of a few weeks ago is in the past', async () => {
    expect(await learnt('I booked the hotel on February 3rd', [], march)).toEqual([
      'ADD User booked the hotel on 3 February 2026.',
    ]);
  });

  it.each([
    ['our standup is on Monday at 9', "User's standup is on Monday at 9."],
    ['bin day is Thursday', 'Bin day is Thursday.'],
    ['yoga got shifted to Tuesday and Saturday', 'Yoga got shifted to Tuesday and Saturday.'],
  ])('%j is of every week', async (said, fact) => {
    expect(await learnt(said, [], march)).toEqual([`ADD ${fact}`]);
  });

  it('the rent of every month keeps its day', async () => {
    expect(await learnt('My rent is due on the 1st', [], march)).toEqual([
      "ADD User's rent is due on the 1st.",
    ]);
  });

  it('days are those of the caller', async () => {
    const at = Date.parse('2026-02-01T20:30:00Z');
    const said = [[user('I flew in this morning')]];
    const changes = await decide(said, { at, options: { utcOffset: 660 } });

    expect(changes.map(inShort)).toEqual(['ADD User flew in on the morning of 2 February 2026.']);
  });

  it('a zone that was said stays', async () => {
    expect(await learnt('my call is at 3pm PST tomorrow', [], march)).toEqual([
      "ADD User's call is on 3 March 2026 at 3pm PST.",
    ]);
  });

  it('a fact that a later message of the turn changes is drawn from that message', async () => {
    const messages = ['I bought a piano yesterday.', 'I sold the piano today.'].map(user);

    const changes = await decide([messages]);

    expect(changes).toMatchObject([{ type: 'ADD', message: 1 }]);
    expect(changes[0]?.text).toContain('sold');
  });
});
