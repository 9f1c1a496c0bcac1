import { beforeEach, describe, expect, it } from 'vitest';
import { deleteMemory } from '../../../shared/core/erasure/delete-memory.ts';
import { historyOf } from '../../../shared/core/memories/read-memories.ts';
import { updateMemory } from '../../../shared/core/memories/update-memory.ts';
import { claimScope } from '../../../shared/core/refine/lease.ts';
import { reprocessTurn } from '../../../shared/core/refine/reprocess.ts';
import { type CoreFixture, openCoreFixture, project, textsOf } from '../../support/core-fixture.ts';
import { learning, rewriting } from '../../support/scripted-model.ts';

const never = new AbortController().signal;
let core: CoreFixture;
beforeEach(() => {
  core = openCoreFixture();
});

const again = (turn: string, isDryRun = false) =>
  reprocessTurn(core.platform, project, turn, { isDryRun, signal: never });

/** Learns a text from a message. Returns the id of the turn. */
const learn = async (said: string, text: string): Promise<string> => {
  core.model.next(learning(text));
  const { turn } = await core.add(said);
  await core.refine();
  return turn;
};

describe('a turn that is refined again', () => {
  it('a dry run shows the changes and writes nothing', async () => {
    const turn = await learn('I live in Oslo with Rex.', 'User lives in Oslo.');
    const before = core.rows().filter(({ key }) => key.kind !== 'LEASE');
    core.model.next(learning('User lives in Oslo.', 'User has a dog named Rex.'));

    const result = await again(turn, true);

    expect(result).toMatchObject({
      outcome: 'changed',
      changes: [{ type: 'ADD', text: 'User has a dog named Rex.' }],
    });
    expect(core.rows().filter(({ key }) => key.kind !== 'LEASE')).toEqual(before);
  });

  it('adds what is missing, with the turn as its source and in its event; what is known stays', async () => {
    const turn = await learn('I live in Oslo with Rex.', 'User lives in Oslo.');
    core.model.always(learning('User lives in Oslo.', 'User has a dog named Rex.'));

    const first = await again(turn);
    const second = await again(turn);

    expect([first.outcome, second.outcome]).toEqual(['changed', 'unchanged']);
    expect(textsOf(await core.list())).toEqual([
      'User has a dog named Rex.',
      'User lives in Oslo.',
    ]);
    const [row] = core.rows('TURN');
    expect(row?.item).toMatchObject({ state: 'applied', memoryIds: { length: 2 } });
    const [changes] = core.rows('CHANGES');
    expect(changes?.item).toMatchObject({ changes: [{ type: 'ADD' }, { type: 'ADD' }] });
    await core.settle();
    expect(textsOf(await core.search('dog named Rex'))).toContain('User has a dog named Rex.');
  });

  it('an update keeps the former text in the history', async () => {
    const turn = await learn('I live in Oslo since May.', 'User lives in Oslo.');
    core.model.next(rewriting('Oslo', 'User lives in Oslo since May 2025.'));

    await again(turn);

    const [memory] = await core.list();
    expect(memory?.text).toBe('User lives in Oslo since May 2025.');
    const history = await historyOf(core.platform, project, memory?.id ?? '');
    expect(JSON.stringify(history)).toContain('User lives in Oslo."');
  });

  it('undoes nothing of newer turns and of edits', async () => {
    const turn = await learn('I live in Oslo.', 'User lives in Oslo.');
    core.model.next(rewriting('Oslo', 'User lives in Bergen.'));
    await core.add('I moved to Bergen.');
    await core.refine();
    const edited = await learn('I like tea.', 'User likes tea.');
    await updateMemory(core.platform, project, edited, { text: 'User likes green tea.' });
    core.model.always((request, signal) =>
      rewriting('e', request.turns[0]?.messages[0]?.content || 'nothing')(request, signal),
    );

    await again(turn);
    await again(edited);

    expect(textsOf(await core.list())).toEqual(['User likes green tea.', 'User lives in Bergen.']);
  });

  it('shows the model no message whose memory was superseded or deleted', async () => {
    const turn = await learn('I live in Oslo.', 'User lives in Oslo.');
    await deleteMemory(core.platform, project, turn);
    const other = await learn('I live in Rome.', 'User lives in Rome.');
    core.model.next(rewriting('Rome', 'User lives in Bergen.'));
    await core.add('I moved to Bergen.');
    await core.refine();
    const before = core.model.requests.length;

    const results = [await again(turn), await again(other)];

    const shown = core.model.requests.slice(before).flatMap(({ turns }) => turns);
    expect(results.map(({ outcome }) => outcome)).toEqual(['skipped', 'unchanged']);
    expect(JSON.stringify(shown.map(({ messages }) => messages))).not.toMatch(/Oslo|Rome/);
  });

  it('leaves the scope to a worker that holds it', async () => {
    const turn = await learn('I live in Oslo.', 'User lives in Oslo.');
    const lease = await claimScope(core.platform, project, 'user#alice', never);

    expect(await again(turn)).toEqual({ outcome: 'busy' });
    await lease?.release({});
    expect((await again(turn)).outcome).not.toBe('busy');
  });

  it('hints at a turn whose own hint found the scope claimed', async () => {
    const turn = await learn('I live in Oslo.', 'User lives in Oslo.');
    core.model.next(async (request, signal) => {
      await core.add('I have a dog.');
      await core.work();
      return learning('User lives in Oslo.')(request, signal);
    });

    await again(turn);
    await core.work();

    expect(textsOf(await core.list())).toContain('Learnt: I have a dog.');
    expect(core.rows('PEND')).toEqual([]);
  });

  it('erasing what it added erases the text everywhere', async () => {
    const turn = await learn('I live in Oslo with my pet.', 'User lives in Oslo.');
    core.model.next(learning('User has a zebra.'));
    await again(turn);
    const added = (await core.list()).find(({ text }) => text.includes('zebra'));

    await deleteMemory(core.platform, project, added?.id ?? '');
    await core.settle();

    expect(core.kindsSaying('zebra')).toEqual([]);
  });
});
