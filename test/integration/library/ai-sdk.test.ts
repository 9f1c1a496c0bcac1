import { generateText, stepCountIs, streamText, wrapLanguageModel } from 'ai';
import { MockLanguageModelV4, simulateReadableStream } from 'ai/test';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memoryMiddleware, memoryTools } from '../../../functions/library/ai-sdk.ts';
import { createMemory, type LocalMemory } from '../../../functions/library/index.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

let folder: ReturnType<typeof temporaryFolder>;
let memory: LocalMemory;
beforeEach(async () => {
  folder = temporaryFolder();
  memory = await createMemory({ dataDir: folder.path });
});
afterEach(async () => {
  await memory.close();
  folder.remove();
});

const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 1, text: 1, reasoning: undefined },
};
const finish = (unified: 'stop' | 'tool-calls') => ({ unified, raw: undefined });

const answering = (text: string) =>
  new MockLanguageModelV4({
    doGenerate: async () => ({
      content: [{ type: 'text', text }],
      finishReason: finish('stop'),
      usage,
      warnings: [],
    }),
    doStream: async () => ({
      stream: simulateReadableStream({
        chunks: [
          { type: 'text-start', id: '0' },
          { type: 'text-delta', id: '0', delta: text },
          { type: 'text-end', id: '0' },
          { type: 'finish', finishReason: finish('stop'), usage },
        ],
      }),
    }),
  });

/** Model that calls a tool first, and answers then. */
const calling = (toolName: string, input: object) => {
  const plain = answering('Done.');
  let calls = 0;
  return new MockLanguageModelV4({
    doGenerate: async (options) =>
      calls++ > 0
        ? plain.doGenerate(options)
        : {
            content: [
              { type: 'tool-call', toolCallId: 'c1', toolName, input: JSON.stringify(input) },
            ],
            finishReason: finish('tool-calls'),
            usage,
            warnings: [],
          },
  });
};

const remembered = async () =>
  (await memory.getAll({ userId: 'ana' })).results.map((one) => one.memory);

describe('the middleware', () => {
  it('a call of the model sees what is remembered, and what was said is remembered after it', async () => {
    await memory.add('I live in Oslo.', { userId: 'ana' });
    const inner = answering('Oslo has fjords nearby.');
    const model = wrapLanguageModel({
      model: inner,
      middleware: memoryMiddleware({ memory, userId: 'ana' }),
    });

    const { text } = await generateText({
      model,
      instructions: 'You plan trips.',
      prompt: 'I like swimming. Where near my home?',
    });

    const prompt = inner.doGenerateCalls[0]?.prompt ?? [];
    expect(text).toBe('Oslo has fjords nearby.');
    expect(prompt.map(({ role }) => role)).toEqual(['system', 'system', 'user']);
    expect(prompt[0]?.content).toBe('You plan trips.');
    expect(prompt[1]?.content).toContain('lives in Oslo');
    await expect.poll(() => remembered(), { timeout: 30_000 }).toContain('User likes swimming.');
  });

  it('a streamed answer is passed on as it comes, and remembered with the question at its end', async () => {
    const model = wrapLanguageModel({
      model: answering('Noted.'),
      middleware: memoryMiddleware({ memory, userId: 'ana' }),
    });

    const { textStream } = streamText({ model, prompt: 'I play the cello.' });
    let text = '';
    for await (const part of textStream) text += part;

    expect(text).toBe('Noted.');
    await expect.poll(() => remembered(), { timeout: 30_000 }).toContain('User plays the cello.');
  });

  it('a failing memory fails no call of the model, and is reported', async () => {
    const errors: unknown[] = [];
    const model = wrapLanguageModel({
      model: answering('Hello.'),
      middleware: memoryMiddleware({ memory, onError: (error) => void errors.push(error) }),
    });

    const { text } = await generateText({ model, prompt: 'Hi.' });

    expect(text).toBe('Hello.');
    expect(errors).toMatchObject([{ code: 'missing_scope' }, { code: 'missing_scope' }]);
  });

  it('with add: false nothing is remembered', async () => {
    const model = wrapLanguageModel({
      model: answering('Hello.'),
      middleware: memoryMiddleware({ memory, userId: 'ana', add: false }),
    });

    await generateText({ model, prompt: 'I play the cello.' });

    expect(await remembered()).toEqual([]);
  });

  it('a conversation with calls of tools is added once', async () => {
    const model = wrapLanguageModel({
      model: calling('searchMemories', { query: 'home' }),
      middleware: memoryMiddleware({ memory, userId: 'ana' }),
    });

    await generateText({
      model,
      tools: memoryTools({ memory, userId: 'ana' }),
      stopWhen: stepCountIs(3),
      prompt: 'I play the cello.',
    });

    await expect.poll(() => remembered(), { timeout: 30_000 }).toEqual(['User plays the cello.']);
  });
});

describe('the tools', () => {
  const call = (toolName: string, input: object, userId = 'ana') =>
    generateText({
      model: calling(toolName, input),
      tools: memoryTools({ memory, userId }),
      stopWhen: stepCountIs(2),
      prompt: 'Go.',
    });

  const outputOf = ({ steps }: Awaited<ReturnType<typeof call>>): unknown =>
    steps[0]?.toolResults[0]?.output;

  it('a model adds and finds memories of the given user alone', async () => {
    await call('addMemory', { text: 'I live in Oslo.' });
    await expect.poll(() => remembered(), { timeout: 30_000 }).toContain('User lives in Oslo.');

    const own = outputOf(await call('searchMemories', { query: 'home' }));
    const other = outputOf(await call('searchMemories', { query: 'home' }, 'ben'));

    expect(own).toMatchObject([{ memory: 'User lives in Oslo.' }]);
    expect(other).toEqual([]);
  });

  it('a model erases a memory of the given user, and none of another one', async () => {
    await memory.add('I live in Oslo.', { userId: 'ana' });
    const [{ id } = { id: '' }] = (await memory.getAll({ userId: 'ana' })).results;

    const refused = outputOf(await call('deleteMemory', { id }, 'ben'));
    const before = await remembered();
    const erased = outputOf(await call('deleteMemory', { id }));

    expect([refused, before.length]).toEqual([{ deleted: false }, 1]);
    expect(erased).toEqual({ deleted: true });
    expect(await remembered()).toEqual([]);
  });
});
