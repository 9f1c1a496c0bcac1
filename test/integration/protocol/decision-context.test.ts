import { describe, expect, it } from 'vitest';
import { alice, openCoreFixture } from '../../support/core-fixture.ts';
import { proposing } from '../../support/scripted-model.ts';

const earlierOf = (core: ReturnType<typeof openCoreFixture>, call: number) =>
  core.model.requests[call]?.turns[0]?.earlier?.map(({ content }) => content);

describe('messages before a turn', () => {
  it('the model is shown the last 10 of the conversation, oldest first, without secrets', async () => {
    const core = openCoreFixture();
    for (let at = 0; at < 11; at += 1) await core.learn(`Fact ${at}.`);
    await core.learn('My PIN is 4821.');

    await core.learn('What now.');

    expect(earlierOf(core, 0)).toEqual([]);
    expect(earlierOf(core, 12)).toEqual([
      ...Array.from({ length: 9 }, (_, at) => `Fact ${at + 2}.`),
      'My PIN is [redacted].',
    ]);
  });

  it('are those of the same run and owner alone', async () => {
    const core = openCoreFixture();
    await core.learn('In run one.', { ...alice, run: 'one' });
    await core.learn('In run two.', { ...alice, run: 'two' });
    await core.learn('Of Bob.', { user: 'bob', run: 'one' });

    await core.learn('Again in run one.', { ...alice, run: 'one' });

    expect(earlierOf(core, 3)).toEqual(['In run one.']);
  });

  it('leave out what was deleted, and turns that failed', async () => {
    const core = openCoreFixture();
    await core.learn('Kept.');
    core.model.next(() => ({
      ...{ ok: false, code: 'model_rejected', message: 'No.', retryable: false, about: 'turn' },
      usage: { prompt: 0, completion: 0 },
    }));
    await core.learn('Rejected.');

    await core.learn('Next.');

    expect(earlierOf(core, 2)).toEqual(['Kept.']);
  });

  it('are not shown once a decision about the turn failed', async () => {
    const core = openCoreFixture();
    await core.learn('Before.');
    core.model.next(() => {
      throw new Error('refused');
    });
    await core.add('Poison.');
    await core.refine();
    await core.pass(3_600_000);

    expect([earlierOf(core, 1), earlierOf(core, 2)]).toEqual([['Before.'], []]);
  });

  it('the owner of the memories is named', async () => {
    const core = openCoreFixture();

    await core.learn('Hello.');

    expect(core.model.requests[0]?.owner).toEqual({ kind: 'user', id: 'alice' });
  });
});

describe('a turn that is longer than one call of the model', () => {
  const messages = ['a', 'b', 'c'].map((word) => ({
    role: 'user' as const,
    content: `${word} `.repeat(40).trim(),
  }));

  it('is shown in windows; each after the first has the end of the one before as context', async () => {
    const core = openCoreFixture();
    core.model.batch.characters = 170;
    await core.add('', alice, { messages });

    await core.refine();

    const shown = core.model.requests.flatMap(({ turns }) => turns);
    expect(shown.map((turn) => turn.messages.map(({ content }) => content[0]).join(''))).toEqual([
      'ab',
      'c',
    ]);
    expect(shown[1]?.earlier?.map(({ content }) => content[0]).join('')).toBe('ab');
  });

  it('what a window teaches is drawn from the message of the whole turn', async () => {
    const core = openCoreFixture();
    core.model.batch.characters = 170;
    core.model.next(
      proposing({ turn: 0, type: 'ADD', text: 'About b.', message: 1 }),
      proposing({ turn: 0, type: 'ADD', text: 'About c.', message: 0 }),
    );
    const { turn } = await core.add('', alice, { messages });

    await core.refine();

    const [row] = core.rows('TURN').filter(({ item }) => 'id' in item && item.id === turn);
    expect(row?.item).toMatchObject({ drawn: { 1: expect.anything(), 2: expect.anything() } });
  });
});
