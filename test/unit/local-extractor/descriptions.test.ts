import { describe, expect, it } from 'vitest';
import { decide, user } from './learn.ts';

const assistant = (content: string) => ({ role: 'assistant' as const, content });

const guangzhou = [
  user(
    "I've planned to travel to Guangzhou during the summer vacation. What chain hotels are available for accommodation?",
  ),
  assistant('You can consider [7 Days Inn, Ji Hotel, Hilton], and so on.'),
  user("I'll choose 7 Days Inn"),
  assistant('Okay, ask me if you have any other questions.'),
];

describe('descriptions by the rules', () => {
  it('a fact has its first noun phrase as its title, and its nouns as tags', async () => {
    const [change] = await decide([[user('I have a dog named Rex.')]]);

    expect(change).toMatchObject({
      type: 'ADD',
      kind: 'fact',
      title: 'Dog named Rex',
      tags: ['dog', 'rex'],
    });
  });

  it('a statement of taste is an explicit preference with the sentence as its reasoning', async () => {
    const [change] = await decide([[user('Hello there. I love spicy food.')]]);

    expect(change).toMatchObject({
      kind: 'preference',
      preferenceType: 'explicit',
      reasoning: 'It was said: "I love spicy food."',
    });
  });

  it('a choice among offered options is an implicit preference, and says what was not said', async () => {
    const changes = await decide([guangzhou]);

    const implicit = changes.filter(({ preferenceType }) => preferenceType === 'implicit');
    expect(implicit).toMatchObject([
      { type: 'ADD', text: 'User may prefer 7 Days Inn to Ji Hotel, Hilton.', kind: 'preference' },
    ]);
    expect(implicit[0]?.reasoning).toContain('among 7 Days Inn, Ji Hotel, Hilton');
    expect(implicit[0]?.reasoning).toContain('not said');
  });

  it.each([
    ['refuses one', "I won't choose 7 Days Inn"],
    ['names several', 'I will choose 7 Days Inn or Hilton'],
    ['names none', 'I will choose the cheapest'],
    ['only mentions one', 'Is Hilton expensive?'],
  ])('an answer that %s shows no preference', async (_, answer) => {
    const offer = assistant('You can consider [7 Days Inn, Ji Hotel, Hilton], and so on.');

    const changes = await decide([[user('Which hotels are there?'), offer, user(answer)]]);

    expect(changes.filter(({ preferenceType }) => preferenceType === 'implicit')).toEqual([]);
  });
});
