import { afterAll, beforeAll } from 'vitest';
import { createOpenAiLanguageModel } from '../../shared/adapters/openai/language-model.ts';
import type {
  DecideRequest,
  Decision,
  LanguageModel,
  ProposedChange,
} from '../../shared/ports/language-model.ts';
import { type OpenAiServer, startOpenAiServer } from './openai-server.ts';

export const change = {
  turn: 1,
  op: 'ADD',
  target: null,
  text: 'Ana likes tea.',
  message: 1,
  reason: null,
};
export const good = JSON.stringify({ changes: [change] });
export const draft = good.replace('tea', 'coffee');

export const asking = (...said: string[]): DecideRequest => ({
  turns: said.map((content) => ({
    messages: [{ role: 'user', content, name: 'Ana' }],
    observedAt: 0,
    options: { infer: true },
  })),
  memories: [{ text: 'Ana lives in Oslo.', observedAt: 0 }],
});

/** Model with its own loopback server, shared by the tests of a file. */
export const answeredModel = () => {
  let server: OpenAiServer;
  let model: LanguageModel;
  beforeAll(async () => {
    server = await startOpenAiServer();
    model = createOpenAiLanguageModel({ baseUrl: server.url, model: 'gpt-test' });
    // Loads the SDK before the tests.
    await model.decide(asking('I like tea.'), new AbortController().signal);
  });
  afterAll(() => server.close());

  return {
    chats: () => server.chats(),
    /** Decision of the model for a scripted answer, or for a whole body, with the number of requests. */
    decideOn: async (
      message: { [field: string]: unknown },
      {
        request = asking('I like tea.'),
        finish = 'stop',
        body,
      }: { request?: DecideRequest; finish?: string; body?: string } = {},
    ): Promise<{ decision: Decision; requests: number }> => {
      const choices = [
        { index: 0, finish_reason: finish, message: { role: 'assistant', ...message } },
      ];
      const before = server.requests.length;
      server.chatNext({ fault: 'body', body: body ?? JSON.stringify({ choices }) });
      const decision = await model.decide(request, new AbortController().signal);
      return { decision, requests: server.requests.length - before };
    },
  };
};

export const learnt = (decision: Decision): (string | undefined)[] => {
  if (!decision.ok) throw new Error(decision.code);
  return decision.changes.filter(({ type }) => type !== 'NONE').map(({ text }) => text);
};

export const changesOf = (decision: Decision): ProposedChange[] => {
  if (!decision.ok) throw new Error(decision.code);
  return decision.changes;
};
