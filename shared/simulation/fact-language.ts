import { type Message, roughText } from '../domain/memory/turn.ts';

/** Fact of the simulation's test language: `color=blue` states a value, `color=!` retracts it. */
export interface Fact {
  topic: string;
  value: string;
}

/** All topics of the language. Text without a fact is small talk. */
export const topics = ['color', 'city', 'pet', 'food', 'job', 'car'];

export const retracted = '!';

export const factsIn = (text: string): Fact[] =>
  [...text.matchAll(/\b([a-z]+)=(\w+|!)/g)].map(([, topic = '', value = '']) => ({ topic, value }));

export const textOf = ({ topic, value }: Fact): string => `${topic}=${value}`;

export const factsOfTurn = (turn: { messages: Message[] }): Fact[] => factsIn(roughText(turn));
