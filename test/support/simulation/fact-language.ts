import { type Message, roughText } from '../../../shared/domain/memory/turn.ts';

/** The language of the simulation: `color=blue` teaches, `color=!` takes back. */
export interface Fact {
  slot: string;
  value: string;
}

/** All that is ever talked about, apart from small talk. */
export const slots = ['color', 'city', 'pet', 'food', 'job', 'car'];

export const takenBack = '!';

export const factsIn = (text: string): Fact[] =>
  [...text.matchAll(/\b([a-z]+)=(\w+|!)/g)].map(([, slot = '', value = '']) => ({ slot, value }));

export const textOf = ({ slot, value }: Fact): string => `${slot}=${value}`;

export const factsOfTurn = (turn: { messages: Message[] }): Fact[] => factsIn(roughText(turn));
