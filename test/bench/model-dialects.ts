import { answerFacts } from '../support/openai-facts.ts';
import type { ChatReply, ChatRequest } from '../support/openai-wire.ts';

/** As both default to: text-embedding-3-small. */
export const dimensions = 1536;

const newMessages = /## New Messages\n([\s\S]*?)(?:\n## |$)/;

/** The words of the turn, as the one memory it yields, in the form the peer asks for. */
const answerPeer = (prompt: string): ChatReply => {
  const said = newMessages.exec(prompt)?.[1]?.trim() ?? prompt.slice(-200);
  return {
    content: JSON.stringify({ memory: [{ id: '0', text: said, attributed_to: 'user' }] }),
  };
};

/** Whoever asks: our prompt has lines of its own, anything else is the peer's. */
export const answerEither = (request: ChatRequest): ChatReply => {
  const prompt = request.messages.map(({ content }) => content).join('\n');
  return /^<turn \d+,/m.test(prompt)
    ? answerFacts(request)
    : answerPeer(request.messages.at(-1)?.content ?? '');
};
