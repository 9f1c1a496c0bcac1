import { afterEach, expect, it } from 'vitest';
import type { DecideRequest, Decision, LanguageModel } from '../../shared/ports/language-model.ts';
import { plainLanguageModel } from '../support/fake-models.ts';
import { type Client, finalEvent, openService, say } from '../support/in-memory-service.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** Model whose calls a test answers one by one. */
const createBlockedModel = () => {
  const under: (() => void)[] = [];
  const begun: string[] = [];
  const languageModel: LanguageModel = {
    ...plainLanguageModel,
    batch: { turns: 4, characters: 100_000 },
    decide: (request: DecideRequest, signal) => {
      begun.push(request.turns[0]?.messages[0]?.content ?? '');
      return new Promise<Decision>((resolve, reject) => {
        signal.throwIfAborted();
        under.push(() => resolve(plainLanguageModel.decide(request, signal)));
        signal.addEventListener('abort', () => reject(signal.reason));
      });
    },
  };
  return { languageModel, begun, underWay: () => under.length, answerOne: () => under.shift()?.() };
};

const add = async (client: Client, text: string, user: string): Promise<string> =>
  (await client('POST /v1/turns', { body: say(text, user) })).body.event_id;

it.each([
  ['a user', false],
  ['a project', true],
])(
  'beside 8 users with 320 waiting turns each, %s that is new waits for two calls of the model at most',
  async (_, hasProject) => {
    const model = createBlockedModel();
    const service = await openService({ languageModel: model.languageModel });
    closers.push(service.close);
    const { client } = service;
    const newcomer = hasProject ? await service.clientOf('new') : client;
    for (let turn = 0; turn < 320; turn++)
      await Promise.all(
        Array.from({ length: 8 }, (_, user) => add(client, `Tea ${turn}.`, `user-${user}`)),
      );
    await expect.poll(model.underWay, { timeout: 10_000 }).toBe(8);

    const id = await add(newcomer, 'I am new.', 'newcomer');
    let answered = 0;
    while (!model.begun.includes('I am new.') && answered < 16) {
      const before = model.begun.length;
      model.answerOne();
      answered += 1;
      await expect.poll(() => model.begun.length, { timeout: 20_000 }).toBeGreaterThan(before);
    }
    const begunAt = answered;
    while (model.underWay() > 0 && answered < 32) {
      model.answerOne();
      answered += 1;
    }
    const event = await finalEvent(newcomer, id);

    // Eight users are served at once: the running calls, and one each of the others.
    expect(begunAt).toBeLessThanOrEqual(8);
    expect(event.status).toBe('SUCCEEDED');
  },
  60_000,
);
