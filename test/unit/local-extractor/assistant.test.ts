import { describe, expect, it } from 'vitest';
import type { Message } from '../../../shared/domain/memory/turn.ts';
import { decide, inShort, user } from './learn.ts';

const assistant = (content: string): Message => ({ role: 'assistant', content });
const learntFrom = async (said: string): Promise<string[]> =>
  (await decide([[user('Hello there.'), assistant(said)]])).map(inShort);

describe('what an assistant without a name says', () => {
  it.each([
    ['I will remind you on Monday.', 'Assistant will remind User on 15 May 2023.'],
    [
      "Sure! I'll remind you to take your pills at 8 pm every day.",
      "Assistant will remind User to take User's pills at 8 pm every day.",
    ],
    ["Got it, I'll call you Sam from now on.", 'Assistant will call User Sam from now on.'],
    ['I will answer you only in French.', 'Assistant will answer User only in French.'],
    [
      'Okay. I am going to send you the plan every Monday.',
      'Assistant is going to send User the plan every Monday.',
    ],
    [
      'I will never mention your brother again.',
      "Assistant will never mention User's brother again.",
    ],
    ["I'm your diet assistant.", "Assistant is User's diet assistant."],
    ['My name is Max.', "Assistant's name is Max."],
    ['I was trained by Acme Health.', 'Assistant was trained by Acme Health.'],
  ])('the statement %j about itself is remembered', async (said, text) => {
    expect(await learntFrom(said)).toEqual([`ADD ${text}`]);
  });

  it.each([
    'I recommend the pasta at Da Mario.',
    'You should call your doctor on Monday.',
    'I will explain how interest rates work.',
    'I will list three options for you.',
    'I can remind you on Monday if you like.',
    'I will remind you on Monday if you want me to.',
    'Shall I remind you on Monday?',
    'I am happy to help you every day.',
    'I am sorry to hear about your dog.',
    'I will keep that in mind.',
    'I will answer in a moment.',
    'I will not be able to book a table.',
    'Rome is lovely in May. I think you will like it.',
    'As an AI, I do not eat.',
    'I am a large language model.',
    'You live in Rome.',
    'Je te rappellerai lundi.',
  ])('%j is not remembered', async (said) => {
    expect(await learntFrom(said)).toEqual(['NONE']);
  });

  it('a commitment names the message of the assistant, beside the facts of the user', async () => {
    const changes = await decide([
      [user('I live in Rome. Remind me to call Ana.'), assistant('I will remind you on Monday.')],
    ]);

    expect(changes.filter(({ type }) => type === 'ADD')).toMatchObject([
      { text: 'User lives in Rome.', message: 0 },
      { text: expect.stringContaining('call Ana'), message: 0 },
      { text: 'Assistant will remind User on 15 May 2023.', message: 1 },
    ]);
  });

  it('a recommendation counts once the user takes it up', async () => {
    const changes = await decide([
      [assistant('I recommend Da Mario.'), user('I booked a table at Da Mario.')],
    ]);

    expect(changes.map(inShort)).toEqual(['ADD User booked a table at Da Mario.']);
  });

  it('a commitment that is known is not added again', async () => {
    const changes = await decide([[assistant("I'm your diet assistant.")]], {
      memories: ["Assistant is User's diet assistant."],
    });

    expect(changes).toMatchObject([{ type: 'NONE', target: { memory: 0 } }]);
  });

  it('a commitment to a user with a name has that name', async () => {
    const changes = await decide([
      [{ ...user('Hello!'), name: 'Ana' }, assistant('I will remind you on Monday.')],
    ]);

    expect(changes.map(inShort)).toEqual(['ADD Assistant will remind Ana on 15 May 2023.']);
  });

  it.each([{ instructions: 'Only drinks.' }, { agentInstructions: 'Only promises.' }])(
    'instructions are reported as not followed (%j)',
    async (options) => {
      const changes = await decide([[user('I live in Rome.')]], { options });

      expect(changes).toMatchObject([
        { type: 'ADD' },
        { type: 'NONE', reason: expect.stringContaining('custom instructions were not followed') },
      ]);
    },
  );
});
