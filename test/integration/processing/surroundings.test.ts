import { beforeEach, describe, expect, it } from 'vitest';
import { searchMemories } from '../../../shared/core/retrieval/search.ts';
import type { Message } from '../../../shared/domain/memory/turn.ts';
import { type CoreFixture, openCoreFixture, project } from '../../support/core-fixture.ts';

let core: CoreFixture;
beforeEach(() => {
  core = openCoreFixture();
});

const question = 'Which beagle story did he like?';
const answer = 'Lantern, by far.';

/** Messages that match the question better than its answer does, and more than a search asks of the index. */
const stories = Array.from({ length: 30 }, (_, number) => `Which beagle story, number ${number}?`);

const said = (...texts: string[]): Message[] => texts.map((content) => ({ role: 'user', content }));

const talk = async (run: string, messages: Message[], user = 'alice'): Promise<string> => {
  const { turn } = await core.add('', { user, run }, { messages });
  await core.refine({ user, run });
  return turn;
};

const addStories = async (): Promise<void> => {
  for (const run of ['monday', 'tuesday', 'wednesday', 'thursday', 'sunday'])
    await talk(run, said(...stories));
};

const found = async (): Promise<string[]> => {
  const { memories } = await searchMemories(core.platform, project, {
    query: question,
    filter: { entity: 'user', is: 'alice' },
    topK: 50,
    threshold: 0,
    fills: false,
  });
  return memories.flatMap(({ text, source }) => [text, source?.text ?? '']);
};

/** Whether a result, which may be a memory of a message, has these words. */
const have = (texts: readonly string[], words: string): boolean =>
  texts.some((text) => text.includes(words));

describe('what was said around the best results', () => {
  it('an answer without a word of its question is found beside it in the same turn', async () => {
    await addStories();
    await talk('friday', said(question, answer));
    await core.settle();

    expect(have(await found(), 'Lantern')).toBe(true);
  });

  it('an answer is found in the next turn of the run, not in another run', async () => {
    await addStories();
    await talk('friday', said(question));
    await talk('saturday', said('Ptarmigan forever.'));
    await talk('friday', said(answer));
    await core.settle();

    const texts = await found();

    expect(have(texts, 'Lantern')).toBe(true);
    expect(have(texts, 'Ptarmigan')).toBe(false);
  });

  it('the answer of another user in the same run stays hidden', async () => {
    await addStories();
    await talk('friday', said(question));
    await talk('friday', said(answer), 'bob');
    await core.settle();

    expect(have(await found(), 'Lantern')).toBe(false);
  });
});
