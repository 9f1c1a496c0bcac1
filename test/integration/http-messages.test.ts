import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openService, type TestService } from '../support/in-memory-service.ts';

let service: TestService;
beforeEach(async () => {
  service = await openService({ refines: false });
});
afterEach(() => service.close());

/** The messages of a turn as the service keeps them. */
const kept = async (...messages: object[]) => {
  const added = await service.client('POST /v1/turns', { body: { messages, user_id: 'alice' } });
  expect(added).toMatchObject({ status: 202 });
  const { body } = await service.client(`GET /v1/events/${added.body.event_id}`);
  return body.payload.messages;
};

describe('roles', () => {
  it.each([
    ['user', 'user'],
    ['human', 'user'],
    ['Human', 'user'],
    ['assistant', 'assistant'],
    ['ai', 'assistant'],
    ['model', 'assistant'],
    ['system', 'system'],
    ['developer', 'system'],
    ['tool', 'tool'],
    ['function', 'tool'],
  ])('the role %s is kept as %s', async (role, expected) => {
    expect(await kept({ role, content: 'Hello.' })).toEqual([
      { role: expected, content: 'Hello.' },
    ]);
  });

  it.each(['narrator', '__proto__', 'toString'])('the role %s is rejected', async (role) => {
    const body = { messages: [{ role, content: 'Hello.' }], user_id: 'alice' };

    const answer = await service.client('POST /v1/turns', { body });

    expect(answer).toMatchObject({ status: 400, body: { field: 'messages[0].role' } });
  });
});

describe('parts of a content', () => {
  it.each<[string, object, string]>([
    ['input_text', { type: 'input_text', text: 'I like tea.' }, 'I like tea.'],
    ['output_text', { type: 'output_text', text: 'Noted.', annotations: [] }, 'Noted.'],
    ['text in an object', { type: 'text', text: { value: 'I like tea.' } }, 'I like tea.'],
    ['text without a type', { text: 'I like tea.' }, 'I like tea.'],
    ['refusal', { type: 'refusal', refusal: 'I cannot say.' }, 'I cannot say.'],
    [
      'audio with a transcript',
      { type: 'input_audio', input_audio: { data: 'UklGRg==', transcript: 'I like tea.' } },
      'I like tea.',
    ],
    ['a part of a new type with a text', { type: 'quote', text: 'I like tea.' }, 'I like tea.'],
  ])('%s is read', async (_, part, text) => {
    expect(await kept({ role: 'assistant', content: [part] })).toEqual([
      { role: 'assistant', content: text },
    ]);
  });

  it.each<[string, object]>([
    ['tool_use', { type: 'tool_use', id: 't', name: 'find', input: { text: 'tea' } }],
    ['tool-call', { type: 'tool-call', toolCallId: 't', toolName: 'find', input: {} }],
    ['thinking', { type: 'thinking', thinking: 'Perhaps tea.', signature: 's' }],
    ['reasoning', { type: 'reasoning', text: 'Perhaps tea.' }],
    ['input_audio', { type: 'input_audio', input_audio: { data: 'UklGRg==', format: 'wav' } }],
    ['image', { type: 'image', source: { type: 'file', file_id: 'f' } }],
    ['file', { type: 'file', file: { file_id: 'f' } }],
    ['a part of an unknown type', { type: 'smell', of: 'tea' }],
  ])('%s is skipped, and the text beside it is kept', async (_, part) => {
    const content = [{ type: 'text', text: 'I like tea.' }, part];

    expect(await kept({ role: 'user', content })).toEqual([
      { role: 'user', content: 'I like tea.' },
    ]);
  });

  it('the event says which part was skipped and why, also of a message that is dropped', async () => {
    const messages = [
      { role: 'assistant', content: [{ type: 'image', source: { type: 'file', file_id: 'f' } }] },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'I like tea.' },
          { type: 'thinking', thinking: 'Perhaps tea.' },
          { type: 'input_audio', input_audio: { data: 'UklGRg==', format: 'wav' } },
        ],
      },
    ];

    const { body } = await service.client('POST /v1/turns', { body: { messages, user_id: 'al' } });
    const event = await service.client(`GET /v1/events/${body.event_id}`);

    expect(event.body.skipped).toEqual([
      'Part 0 of message 0 has the type "image" without a URL or data, so there is no file to read.',
      'Part 2 of message 1 is audio without a transcript, which is not read.',
    ]);
  });

  it('an event without skipped parts says nothing of them', async () => {
    const body = { messages: [{ role: 'user', content: 'I like tea.' }], user_id: 'al' };

    const { event_id } = (await service.client('POST /v1/turns', { body })).body;
    const event = await service.client(`GET /v1/events/${event_id}`);

    expect(event.body).not.toHaveProperty('skipped');
  });

  it.each<[object | number, string]>([
    [7, 'messages[0].content[0] must be an object.'],
    [{ type: 7 }, 'messages[0].content[0].type must be a string.'],
    [{ type: 'text' }, 'messages[0].content[0].text is required.'],
    [{ type: 'input_text', text: 7 }, 'messages[0].content[0].text must be a string.'],
    [
      { type: 'image_url', image_url: 7 },
      'messages[0].content[0].image_url must be a URL or an object with a url.',
    ],
    [
      { type: 'smell' },
      'messages must have some content: part 0 of message 0 has the type "smell", which is not read.',
    ],
    [
      { type: 'input_audio', input_audio: { data: 'x' } },
      'messages must have some content: part 0 of message 0 is audio without a transcript, which is not read.',
    ],
    [
      { type: 'tool_use', id: 't', name: 'find', input: {} },
      'messages must have some content: part 0 of message 0 is the call of a tool, which is not remembered.',
    ],
    [
      { type: 'file', file: { file_id: 'file-1' } },
      'messages must have some content: part 0 of message 0 has the type "file" without a URL or data, so there is no file to read.',
    ],
  ])('a content with the malformed part %j alone is rejected', async (part, sentence) => {
    const body = { messages: [{ role: 'user', content: [part] }], user_id: 'alice' };

    const answer = await service.client('POST /v1/turns', { body });

    expect([answer.status, answer.body.detail]).toEqual([400, sentence]);
  });

  it('a message of skipped parts alone is dropped from its turn', async () => {
    const call = { type: 'tool_use', id: 't', name: 'find', input: {} };

    const messages = await kept(
      { role: 'assistant', content: [call] },
      { role: 'user', content: 'I like tea.' },
    );

    expect(messages).toEqual([{ role: 'user', content: 'I like tea.' }]);
  });

  it.each<[string, object]>([
    ['a text', { type: 'tool_result', tool_use_id: 't', content: '12 degrees' }],
    ['parts', { type: 'tool_result', content: [{ type: 'text', text: '12 degrees' }, { x: 1 }] }],
    ['an output', { type: 'tool-result', output: { type: 'text', value: '12 degrees' } }],
    ['output text', { type: 'function_call_output', output: '12 degrees' }],
  ])('the result of a tool as %s is no statement of the user', async (_, part) => {
    const content = [part, { type: 'text', text: 'Cold here.' }];

    expect(await kept({ role: 'user', content })).toEqual([
      { role: 'tool', content: '12 degrees' },
      { role: 'user', content: 'Cold here.' },
    ]);
    expect(await kept({ role: 'tool', content: [part] })).toEqual([
      { role: 'tool', content: '12 degrees' },
    ]);
  });

  it('what an assistant refuses or speaks stands for a content that is missing', async () => {
    const messages = await kept(
      { role: 'assistant', content: null, refusal: 'I cannot say.' },
      { role: 'assistant', content: null, audio: { id: 'a', transcript: 'Good morning.' } },
      { role: 'assistant', content: 'Hello.', refusal: null, audio: null },
    );

    expect(messages.map(({ content }: { content: string }) => content)).toEqual([
      'I cannot say.',
      'Good morning.',
      'Hello.',
    ]);
  });

  it('a turn whose messages with results of tools are more than a turn holds is rejected', async () => {
    const content = [
      { type: 'tool_result', content: 'x' },
      { type: 'text', text: 'y' },
    ];
    const messages = Array.from({ length: 251 }, () => ({ role: 'user', content }));

    const answer = await service.client('POST /v1/turns', { body: { messages, user_id: 'alice' } });

    expect(answer.body.detail).toBe('messages must not have more than 500 entries.');
  });
});
