import { afterEach, describe, expect, it } from 'vitest';
import { createOpenAiLanguageModel } from '../../shared/adapters/openai/language-model.ts';
import { failing } from '../support/openai-faults.ts';
import {
  type ChatBehaviour,
  type OpenAiServer,
  startOpenAiServer,
} from '../support/openai-server.ts';

const { signal } = new AbortController();
const image = { bytes: Buffer.from('pixels'), mediaType: 'image/png' };

let server: OpenAiServer;
afterEach(() => server.close());

const describeOne = async (chat: ChatBehaviour) => {
  server = await startOpenAiServer({ chat });
  const model = createOpenAiLanguageModel({ baseUrl: server.url, model: 'gpt-test' });
  return model.describeImage?.(image, signal);
};

describe('a description of an image', () => {
  it('the model is sent the image as a data URL, and its text is the description', async () => {
    const description = await describeOne({ content: ' A pizza with olives. ' });

    expect(description).toMatchObject({ ok: true, text: 'A pizza with olives.' });
    expect(server.chats()[0]?.messages[0]?.content).toEqual([
      { type: 'text', text: expect.stringContaining('Describe this image') },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,cGl4ZWxz' } },
    ]);
  });

  it('a refusal is about the image', async () => {
    const description = await describeOne(
      failing(400, { message: 'image input is not supported' }),
    );

    expect(description).toMatchObject({ ok: false, code: 'model_refusal', about: 'turn' });
  });

  it('an empty description is about the image', async () => {
    expect(await describeOne({ content: ' ' })).toMatchObject({ ok: false, about: 'turn' });
  });

  it('a server that fails is about the service', async () => {
    const description = await describeOne(failing(503));

    expect(description).toMatchObject({ ok: false, code: 'model_unavailable', about: 'service' });
  });
});
