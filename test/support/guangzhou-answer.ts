import { answerFacts } from './openai-facts.ts';
import type { ChatReply, ChatRequest } from './openai-wire.ts';

const change = (fields: object) => ({
  turn: 1,
  op: 'ADD',
  target: null,
  message: 1,
  reason: null,
  ...fields,
});

const changes = [
  change({
    text: 'User plans to travel to Guangzhou in the summer vacation.',
    kind: 'fact',
    title: 'Summer trip to Guangzhou',
    tags: ['travel'],
  }),
  change({
    text: 'User may prefer economical hotels.',
    kind: 'implicit_preference',
    title: 'Economical hotels',
    tags: ['hotels'],
    message: 3,
    reason: 'User chose 7 Days Inn among three hotels. A budget was not mentioned.',
  }),
];

/** Answers about the example of the documentation of MemOS with a fact and an implicit preference, about other turns as `answerFacts` does. */
export const answerGuangzhou = (request: ChatRequest): ChatReply =>
  request.messages.some(({ content }) => content.includes('7 Days Inn'))
    ? { content: JSON.stringify({ changes }) }
    : answerFacts(request);
