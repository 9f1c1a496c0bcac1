import { answerFacts } from '../support/openai-facts.ts';
import type { ChatReply, ChatRequest } from '../support/openai-wire.ts';

/** Dimension of text-embedding-3-small, the default of the service and of the peer. */
export const dimensions = 1536;

const newMessages = /## New Messages\n([\s\S]*?)(?:\n## |$)/;

/** A single memory with the words of the turn, in the form that the peer asks for. */
const answerPeer = (prompt: string): ChatReply => {
  const said = newMessages.exec(prompt)?.[1]?.trim() ?? prompt.slice(-200);
  return {
    content: JSON.stringify({ memory: [{ id: '0', text: said, attributed_to: 'user' }] }),
  };
};

/** Answers the service and the peer. Prompts of the service have `<turn` lines; others are the peer's. */
export const answerEither = (request: ChatRequest): ChatReply => {
  const prompt = request.messages.map(({ content }) => content).join('\n');
  return /^<turn \d+,/m.test(prompt)
    ? answerFacts(request)
    : answerPeer(request.messages.at(-1)?.content ?? '');
};
