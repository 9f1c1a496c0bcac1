import { afterAll, describe, expect, it } from 'vitest';
import { extractor, learnt } from './learn.ts';

afterAll(() => extractor.close());

describe('a fact without words of a change', () => {
  it.each([
    ["User's wifi password is on the router.", "I've put the wifi password on the noticeboard"],
    [
      'User keeps their passport in the desk drawer.',
      'put my passport in the safe, better that way',
    ],
    ["User's dog sleeps in a crate.", "dog's out of the crate, sleeps on the sofa"],
    ['User writes tests in Jest.', "we've ported all the tests to Vitest"],
    ['User gets up at 6:15.', 'started getting up at 5:30'],
    ['The rent is due on the 1st.', 'landlord agreed to the 15th for the rent'],
    ["User's goalie is Denis.", "Denis broke his wrist, so Paul's in goal"],
    ["User's training partner is Leo.", "Leo's injured so I run with Astrid now"],
    ['User takes bus 22 to work.', 'they cut the 22, so I get the 47'],
    ["User's desk is by the window.", "lost the window desk, I'm next to the printer now"],
    ['User uses Chrome.', 'moved to Firefox last week'],
    ['User is a waiter.', "I've been made shift manager"],
    ["User's brother is a chef.", "my brother's retrained as an electrician"],
    ["User's grandma is 88.", 'gran turned 89 on Sunday'],
    ["User is staying at their mum's.", 'found my own place finally, in Leith'],
    ['User has got braces.', 'got my braces off today!!'],
    ['User works nights.', "they've put me on days"],
    ['User works part-time.', "they've taken me on full-time"],
  ])('%j is updated by %j', async (known, said) => {
    const changes = await learnt(said, [known]);

    expect(changes.some((change) => change.startsWith('UPDATE m0 '))).toBe(true);
  });
});

describe('an alike fact', () => {
  it.each([
    ['The kitchen budget is 9000.', 'the garden budget went up to 3000'],
    ["User's manager is Priya.", "Leo's manager is Callum now"],
    ["User's train leaves at 14:05.", 'our bus leaves at 16:20'],
    ["User's flight to Lisbon is on 3 March 2027.", 'my flight to Vienna got moved to 9 April'],
    ["User's favourite band is Muse.", 'my favourite film is Alien now'],
    ["User's boss is Petra.", 'my boss is a joke'],
    ["User's dog is called Rex.", 'the dog is my new alarm clock'],
    ['User wears a size 10 ring.', 'I wear size 7 shoes'],
    ['User uses Teams at work.', 'never got used to Teams'],
    ['User weighs 79 kilos.', 'I feel like I weigh 200 kilos after that dinner'],
    ["User's rent is 850.", "I hope they don't raise the rent to 900"],
    ['User weighs 79 kilos.', 'I was 92 kilos in 2019'],
    ['Standup is at 9:30.', "today's standup is at 11"],
    ['User runs the Tuesday class.', 'Jo runs the Thursday class now'],
    ['User is in room 512.', 'the conference is in room 208'],
    ['User lives with two flatmates.', 'my sister lives with three flatmates these days'],
    ["User's brother is in Rome.", 'my brother works in a bank'],
    ["User's car is in the garage.", 'I washed the car in the garden'],
    ['User has Netflix.', 'got HBO as well now'],
    ['User is allergic to milk.', 'forget about the milk'],
    ['User lives in Berlin.', 'I love Berlin, Paris and Rome.'],
    ["User's boss is Anna.", 'I had lunch with Anna, Ben and Carla'],
    ['User works at Google.', 'I applied to Google, Meta and Amazon'],
    ['User works at Google.', 'I lost my Google badge. I have a meeting at 3.'],
    ['User has a dog named Rex.', 'My dog broke his leg. I have a vet appointment on Friday.'],
    ['User plays tennis.', 'I broke my tennis racket. I have an exam on Monday.'],
    ['User has a PS5.', 'I had to switch dentists.'],
    ['User plays golf on Sundays.', 'I sold my Honda.'],
    ['User drinks mint tea every evening.', 'I switched to Ubuntu.'],
    ['User drinks orange juice every morning.', 'I switched to Vodafone.'],
    ["User's passport is in the safe.", 'My old passport is in the attic.'],
    ['The keys are in the drawer.', 'The spare keys are in the shed.'],
  ])('%j stays beside %j', async (known, said) => {
    const changes = await learnt(said, [known]);

    expect(changes.filter((change) => / m0\b/.test(change))).toEqual([]);
  });
});
