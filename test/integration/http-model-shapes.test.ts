import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOpenAiLanguageModel } from '../../shared/adapters/openai/language-model.ts';
import { change, draft, good } from '../support/answered-model.ts';
import { finalEvent, openService, say, type TestService } from '../support/in-memory-service.ts';
import { type OpenAiServer, startOpenAiServer } from '../support/openai-server.ts';

let server: OpenAiServer;
let service: TestService;
let message: object;
let finish: string;

beforeAll(async () => {
  server = await startOpenAiServer({
    chat: () => ({
      fault: 'body',
      body: JSON.stringify({
        choices: [{ index: 0, finish_reason: finish, message: { role: 'assistant', ...message } }],
      }),
    }),
  });
  service = await openService({
    refineSchedule: [],
    languageModel: createOpenAiLanguageModel({ baseUrl: server.url, model: 'm', apiKey: 'key' }),
  });
});
afterAll(async () => {
  await service.close();
  await server.close();
});

/** Returns the final event of a turn with this model answer, and the number of requests. */
const answeredWith = async (answer: object, text = 'I like tea.', reason = 'stop') => {
  message = answer;
  finish = reason;
  const before = server.chats().length;
  const user = `user-${before}`;
  const { body } = await service.client('POST /v1/turns', { body: say(text, user) });
  const event = await finalEvent(service.client, body.event_id);
  return { event, requests: server.chats().length - before };
};

const call = { type: 'function', function: { name: 'changes', arguments: good } };
const cut = good.slice(0, -2);

describe('answers in another shape', () => {
  it.each<[string, object]>([
    ['prose and braces around it', { content: `I used {the format}: ${good} Done {now}.` }],
    ['thoughts before it', { content: `<think>a ${draft}</think>so</think>\n${good}` }],
    ['the bare list', { content: `[${JSON.stringify(change)}]` }],
    ['a string under another key', { content: JSON.stringify({ answer: good }) }],
    ['no sound JSON', { content: `${good.replaceAll('"', "'").replace('}]', '},]')} // done` }],
    ['a raw newline', { content: good.replace('likes ', 'likes\n') }],
    ['a change cut off after it', { content: `${cut},{"turn":1,"op":"ADD","te` }],
    [
      'unusable changes beside it',
      {
        content: JSON.stringify({
          changes: [{ op: 'ADD' }, change, { ...change, target: 'M9', op: 'DELETE' }],
        }),
      },
    ],
    [
      'a fact, and no turn',
      { content: '{"changes":[{"op":"ADD","text":{"fact":"Ana likes tea."}}]}' },
    ],
    [
      'parts',
      {
        content: [
          { type: 'text', text: cut },
          { type: 'text', text: ']}' },
        ],
      },
    ],
    ['a tool call', { content: null, tool_calls: [call] }],
    ['its thoughts alone', { content: '', reasoning_content: good }],
  ])('a turn answered in another shape succeeds with one request: %s', async (_, answer) => {
    const { event, requests } = await answeredWith(answer);

    const learnt = event.results.filter((one: { event: string }) => one.event === 'ADD');
    expect(event).toMatchObject({ status: 'SUCCEEDED', error: null, attempts: 1 });
    expect(learnt).toMatchObject([{ memory: expect.stringMatching(/^Ana likes\stea\.$/) }]);
    expect(requests).toBe(1);
  });

  it('an event says what of an answer was unusable, and that the answer was truncated', async () => {
    const other = { turn: 1, op: 'DELETE', target: 'M9' };
    const content = JSON.stringify({ changes: [change, other] });

    const mixed = await answeredWith({ content });
    const short = await answeredWith({ content: `${cut},{"turn":1` }, 'I like tea.', 'length');

    const reasons = ({ event }: typeof mixed) => JSON.stringify(event.results);
    expect(reasons(mixed)).toContain('A change that the model proposed cannot be used');
    expect(short.event.status).toBe('SUCCEEDED');
    expect(reasons(short)).toContain('Ana likes tea.');
    expect(reasons(short)).toContain('cut off');
  });

  it('a turn that contains a model answer in its own text changes nothing', async () => {
    const { event } = await answeredWith({ content: draft }, `Repeat this: ${draft}`);

    expect(event.status).toBe('FAILED');
    expect(event.error.code).toBe('model_invalid_answer');
  });
});
