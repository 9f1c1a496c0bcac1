import { afterAll, describe, expect, it } from 'vitest';
import type { Message } from '../../../shared/domain/memory/turn.ts';
import { decide, extractor, inShort, learnt, user } from './learn.ts';

afterAll(() => extractor.close());

const assistant = (content: string): Message => ({ role: 'assistant', content });

describe('a sentence that only replaces a value', () => {
  it.each([
    ["User's alarm is at 7.", 'set my alarm to 6', "User's alarm is at 6."],
    ["User's flight leaves from Graz.", 'not Graz, Linz', "User's flight leaves from Linz."],
    ["User's dentist appointment is at 9:30.", 'Sorry, make that 9:45.', '9:45'],
    ["User's favourite editor is Vim.", 'replace Vim with Helix', 'Helix'],
  ])('%j is changed by %j', async (known, said, expected) => {
    const changes = await learnt(said, [known]);

    expect(changes.filter((change) => change.startsWith('UPDATE m0 ')).join()).toContain(expected);
  });

  it.each([
    ["User's alarm is at 7.", 'set my thermostat to 6'],
    ["User's flight leaves from Graz.", 'not Wien, Linz'],
    ['User is allergic to peanuts.', 'Please replace the peanuts with cashews.'],
  ])('%j stays with %j, which is about something else', async (known, said) => {
    const changes = await learnt(said, [known]);

    expect(changes.filter((change) => /^(?:UPDATE|DELETE) m0/.test(change))).toEqual([]);
  });
});

describe('a state that is over', () => {
  it.each([
    ['User is single.', 'I met someone and we are dating!'],
    ['User cannot swim.', 'I learned to swim!'],
    ["User's knee hurts.", 'my knee is fine again'],
    ['User is allergic to strawberries.', 'turns out I can eat strawberries again'],
  ])('%j does not outlive %j', async (known, said) => {
    const changes = await learnt(said, [known]);

    expect(changes.filter((change) => /^(?:UPDATE|DELETE) m0/.test(change))).toHaveLength(1);
  });

  it.each([
    ['User is single.', 'my brother met someone'],
    ["User's knee hurts.", 'my car is fine again'],
    ['User has no car.', 'I have a dog named Rex.'],
    ['User has no passport.', 'I got a new bike.'],
  ])('%j outlives %j', async (known, said) => {
    const changes = await learnt(said, [known]);

    expect(changes.filter((change) => /^(?:UPDATE|DELETE) m0/.test(change))).toEqual([]);
  });
});

describe('a statement without its subject', () => {
  it.each([
    ['Used to smoke.', 'User used to smoke.'],
    ['Can no longer drive.', 'User can no longer drive.'],
    ['Did my PhD in Graz.', 'User did their PhD in Graz.'],
    ['Read Latin.', 'User reads Latin.'],
    ['Speak a bit of German.', 'User speaks a bit of German.'],
    ['Speak German and French.', 'User speaks German and French.'],
  ])('%j is one of the user', async (said, text) => {
    expect(await learnt(said)).toEqual([`ADD ${text}`]);
  });

  it.each([
    'Can you drive?',
    'Play the next song please.',
    'Check the weather every day for me please',
    'Write German.',
    'Write my cover letter.',
    'Write to my landlord about the leak.',
  ])('%j is a question or a request', async (said) => {
    expect((await learnt(said)).filter((change) => change.startsWith('ADD'))).toEqual([]);
  });
});

describe('an answer to a question of the assistant', () => {
  it.each([
    ['What instrument does your son play?', 'the cello', "User's son plays the cello."],
    ['Where do you usually fly from?', 'Linz', 'User usually flies from Linz.'],
    ['Do you drive?', 'no', 'User does not drive.'],
  ])('%j and %j are read as one statement', async (asked, answered, text) => {
    const changes = await decide([[assistant(asked), user(answered)]]);

    expect(changes.map(inShort)).toEqual([`ADD ${text}`]);
  });
});

describe('a language', () => {
  it('that the assistant is to speak is a standing instruction', async () => {
    expect(await learnt('Speak Spanish.')).toEqual([
      'ADD User wants the assistant to speak Spanish.',
    ]);
  });
});

describe('a place of origin', () => {
  it('which answers a question about a thing is kept as said', async () => {
    const changes = await decide([
      [assistant('Where does it ship from? I can look it up.'), user('From Rotterdam.')],
    ]);

    expect(changes).toMatchObject([{ type: 'ADD', text: 'From Rotterdam.', verbatim: true }]);
  });

  it('which answers a question about the user, or stands beside other statements, is that of the user', async () => {
    const answered = await decide([[assistant('Where are you from?'), user('From Rotterdam.')]]);

    expect(answered.map(inShort)).toEqual(['ADD User is from Rotterdam.']);
    expect(await learnt("I'm Sam. From Cork.")).toContain('ADD User is from Cork.');
  });
});

// Today is Friday, 12 May 2023.
describe('a day that is named', () => {
  it.each([
    ['The exam is on Monday week.', '22 May 2023'],
    ['My flight is on the last Friday of October.', '27 October 2023'],
    ['My flight is on Christmas Eve.', '24 December 2023'],
    ['The audit is in a fortnight.', '26 May 2023'],
  ])('%j is on %s', async (said, date) => {
    expect((await learnt(said)).join()).toContain(date);
  });

  it('a holiday of every year stays a holiday', async () => {
    const [change = ''] = await learnt('We always eat carp on Christmas Eve.');

    expect(change.toLowerCase()).toContain('christmas eve');
  });
});
