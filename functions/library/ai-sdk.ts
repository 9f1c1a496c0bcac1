import { jsonSchema, type LanguageModelMiddleware, type ToolSet, tool } from 'ai';
import type { Scope } from './call-interface.ts';
import type { MemoryOperations } from './memory-interface.ts';

/** A memory, and whose: with one user, agent, app or run at least. */
export interface MemoryOfScope extends Scope {
  /** From `createMemory` or `createClient`. */
  memory: Pick<MemoryOperations, 'add' | 'search' | 'context' | 'get' | 'delete'>;
}

const keys = ['userId', 'agentId', 'appId', 'runId'] as const;

const texts = (properties: { readonly [name: string]: string }) => ({
  type: 'object' as const,
  properties: Object.fromEntries(
    Object.entries(properties).map(([name, description]) => [
      name,
      { type: 'string' as const, description },
    ]),
  ),
  required: Object.keys(properties),
  additionalProperties: false,
});

const scopeOf = ({ userId, agentId, appId, runId }: Scope): Scope => ({
  userId,
  agentId,
  appId,
  runId,
});

/**
 * Tools by which a model remembers, searches and forgets. The model names no ids of users: the tools see the memories of the given scope
 * alone.
 */
export const memoryTools = ({ memory, ...ids }: MemoryOfScope) => {
  const scope = scopeOf(ids);
  return {
    addMemory: tool({
      description:
        'Remembers a fact, a preference or a decision for later conversations. Write whole sentences.',
      inputSchema: jsonSchema<{ text: string }>(texts({ text: 'What to remember.' })),
      execute: async ({ text }, { abortSignal: signal }) => {
        const { eventId, status } = await memory.add(text, { ...scope, wait: false, signal });
        return { eventId, status };
      },
    }),
    searchMemories: tool({
      description: 'Finds what is remembered, best first.',
      inputSchema: jsonSchema<{ query: string }>(texts({ query: 'A question or some words.' })),
      execute: async ({ query }, { abortSignal: signal }) => {
        const { results } = await memory.search(query, { ...scope, signal });
        return results.map(({ id, memory: text, score, createdAt }) => ({
          ...{ id, memory: text, score, createdAt },
        }));
      },
    }),
    deleteMemory: tool({
      description: 'Erases one memory that a search has found.',
      inputSchema: jsonSchema<{ id: string }>(texts({ id: 'Id of the memory.' })),
      execute: async ({ id }, { abortSignal: signal }) => {
        const found = await memory.get(id, { signal });
        // A memory of another user is not erased, even if the model was shown the id.
        const isOwn = keys.every((key) => scope[key] === undefined || scope[key] === found[key]);
        if (!isOwn) return { deleted: false };
        await memory.delete(id, { signal });
        return { deleted: true };
      },
    }),
  } satisfies ToolSet;
};

export interface MiddlewareOptions extends MemoryOfScope {
  /** Most tokens of memories in a prompt; 1,000 by default. */
  budget?: number | undefined;
  /** Lowest score of a memory, 0 to 1. */
  threshold?: number | undefined;
  /** `false` recalls and adds nothing. */
  add?: boolean | undefined;
  /** Receives an error of the memory. Without it the model is called all the same, and the error is dropped. */
  onError?: ((error: unknown) => void) | undefined;
}

type CallOptions = Parameters<NonNullable<LanguageModelMiddleware['wrapGenerate']>>[0]['params'];
type Prompt = CallOptions['prompt'];
type StreamResult = Awaited<ReturnType<NonNullable<LanguageModelMiddleware['wrapStream']>>>;
type StreamPart = StreamResult['stream'] extends ReadableStream<infer Part> ? Part : never;

/** Last words of the user. */
const lastWords = (prompt: Prompt): string => {
  const message = prompt.findLast(({ role }) => role === 'user');
  if (message?.role !== 'user') return '';
  return message.content
    .flatMap((part) => (part.type === 'text' ? [part.text] : []))
    .join('\n')
    .trim();
};

const introduction = 'What you remember from earlier conversations:';

/** Inserts memories behind the system messages. */
const withMemories = (prompt: Prompt, context: string): Prompt => {
  const at = prompt.findIndex(({ role }) => role !== 'system');
  const position = at < 0 ? prompt.length : at;
  return prompt.toSpliced(position, 0, {
    role: 'system',
    content: `${introduction}\n\n${context}`,
  });
};

/**
 * Middleware of a language model: before a call it recalls what is related to the words of the user, and after it the words and the answer
 * are added as one turn. A step that ends in calls of tools adds nothing, so a conversation with tools is added once. Errors of the memory
 * never fail a call of the model.
 */
export const memoryMiddleware = ({
  memory,
  budget = 1_000,
  threshold,
  add = true,
  onError = () => {},
  ...ids
}: MiddlewareOptions): LanguageModelMiddleware => {
  const scope = scopeOf(ids);

  const remember = async (
    { prompt, abortSignal: signal }: CallOptions,
    answer: string,
    reason: string,
  ): Promise<void> => {
    const said = lastWords(prompt);
    if (!add || said === '' || reason === 'tool-calls' || reason === 'error') return;
    const messages = [
      { role: 'user', content: said },
      ...(answer.trim() === '' ? [] : [{ role: 'assistant', content: answer }]),
    ];
    try {
      await memory.add(messages, { ...scope, wait: false, signal });
    } catch (error) {
      onError(error);
    }
  };

  return {
    specificationVersion: 'v4',
    async transformParams({ params }) {
      const query = lastWords(params.prompt);
      if (query === '') return params;
      try {
        const { abortSignal: signal } = params;
        const options = { ...scope, budget, threshold, signal };
        const { context } = await memory.context(query, options);
        return context === ''
          ? params
          : { ...params, prompt: withMemories(params.prompt, context) };
      } catch (error) {
        params.abortSignal?.throwIfAborted();
        onError(error);
        return params;
      }
    },
    async wrapGenerate({ doGenerate, params }) {
      const result = await doGenerate();
      const answer = result.content
        .flatMap((part) => (part.type === 'text' ? [part.text] : []))
        .join('');
      await remember(params, answer, result.finishReason.unified);
      return result;
    },
    async wrapStream({ doStream, params }) {
      const { stream, ...rest } = await doStream();
      let answer = '';
      let reason = 'error';
      const watched = stream.pipeThrough(
        new TransformStream<StreamPart, StreamPart>({
          transform(part, controller) {
            if (part.type === 'text-delta') answer += part.delta;
            if (part.type === 'finish') reason = part.finishReason.unified;
            controller.enqueue(part);
          },
          flush: () => remember(params, answer, reason),
        }),
      );
      return { stream: watched, ...rest };
    },
  };
};
