import { describe, expect, it } from 'vitest';
import { deleteMemory } from '../../../shared/core/erasure/delete-memory.ts';
import { historyOf } from '../../../shared/core/memories/read-memories.ts';
import { reprocessTurn } from '../../../shared/core/refine/reprocess.ts';
import { jsonBytes } from '../../../shared/core/store-limits.ts';
import type { Item } from '../../../shared/domain/table/items.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import { openWithFiles, withFiles } from '../../support/attachments-fixture.ts';
import { openCoreFixture, project, textsOf } from '../../support/core-fixture.ts';
import { createKeptFiles } from '../../support/kept-files.ts';
import { learning, proposing, rewriting } from '../../support/scripted-model.ts';
import { openWebhookFixture } from '../../support/webhook-fixture.ts';

const again = (platform: Platform, turn: string) =>
  reprocessTurn(platform, project, turn, {
    isDryRun: false,
    signal: new AbortController().signal,
  });

describe('webhooks of a turn that is refined again', () => {
  const learnt = async () => {
    const service = openWebhookFixture();
    await service.endpoint();
    service.model.next(learning('User lives in Oslo.'));
    const { turn, event } = await service.add('I live in Oslo with Rex since May.');
    await service.refine();
    await service.dispatch();
    service.model.next(
      proposing(
        { turn: 0, type: 'ADD', text: 'User has a zebra named Rex.' },
        { turn: 0, type: 'UPDATE', target: { memory: 0 }, text: 'User lives in Oslo since May.' },
      ),
    );
    const before = service.rows('NOTIFICATION').length;
    await again(service.platform, turn);
    await service.dispatch();
    return { service, turn, event, before };
  };

  it('each change is sent once, with its texts and the event of the turn', async () => {
    const { service, turn, event, before } = await learnt();
    service.model.next(proposing({ turn: 0, type: 'NONE', reason: 'Known.' }));

    await again(service.platform, turn);
    await service.dispatch();

    const sent = service
      .rows('NOTIFICATION')
      .map(({ item }) => JSON.parse((item as unknown as { body: string }).body))
      .filter(({ type }) => type.startsWith('memory'));
    expect(service.rows('NOTIFICATION')).toHaveLength(before + 2);
    expect(sent).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          type: 'memory_add',
          data: expect.objectContaining({
            event_id: event,
            new_text: 'User has a zebra named Rex.',
          }),
        }),
        expect.objectContaining({
          type: 'memory_update',
          data: expect.objectContaining({
            old_text: 'User lives in Oslo.',
            new_text: 'User lives in Oslo since May.',
          }),
        }),
      ]),
    );
  });

  it('erasing what was added before they are sent leaves no text to send', async () => {
    const { service, turn } = await learnt();
    service.model.next(learning('User has an okapi.'));
    await again(service.platform, turn);
    const added = (await service.list()).find(({ text }) => text.includes('okapi'));
    const before = service.kindsSaying('okapi');

    await deleteMemory(service.platform, project, added?.id ?? '');
    await service.work();

    expect(before).toContain('OUTBOX');
    expect(service.kindsSaying('okapi')).toEqual([]);
  });

  it('erasing what was added takes the text out of them', async () => {
    const { service } = await learnt();
    const added = (await service.list()).find(({ text }) => text.includes('zebra'));
    const before = service.kindsSaying('zebra');

    await deleteMemory(service.platform, project, added?.id ?? '');
    await service.work();
    await service.dispatch();

    expect(before).toContain('NOTIFICATION');
    expect(service.kindsSaying('zebra')).toEqual([]);
  });
});

describe('versions of the prompt', () => {
  it('each entry of the history names the version that proposed it, and the event the last one', async () => {
    const service = openCoreFixture();
    service.model.promptVersion = 'old';
    service.model.next(learning('User lives in Oslo.'));
    const { turn, event } = await service.add('I live in Oslo since May.');
    await service.refine();
    service.model.promptVersion = 'new';
    service.model.next(rewriting('Oslo', 'User lives in Oslo since May.'));

    await again(service.platform, turn);

    const history = await historyOf(service.platform, project, turn);
    expect(history?.map(({ promptVersion }) => promptVersion)).toEqual([undefined, 'old', 'new']);
    const [row] = service.rows('EVENT').filter(({ item }) => 'id' in item && item.id === event);
    expect(row?.item).toMatchObject({ promptVersion: 'new' });
  });
});

it('a turn is not refined again once the tokens of the day are used up', async () => {
  const service = openCoreFixture();
  service.platform.policy.projectTokensPerDay = 4;
  service.model.next(learning('User lives in Oslo.'));
  const { turn } = await service.add('I live in Oslo with Rex.');
  await service.refine();

  const result = await again(service.platform, turn);

  expect(result).toEqual({ outcome: 'failed', code: 'model_budget_spent' });
  expect(service.model.requests).toHaveLength(1);
});

describe('a turn with attachments that is refined again', () => {
  it('shows the model the texts that were read, and fetches nothing', async () => {
    let fetches = 0;
    const service = openWithFiles({
      fileFetcher: {
        fetch: async () => {
          fetches += 1;
          return { ok: true, bytes: Buffer.from('Oslo is home.'), mediaType: 'text/plain' };
        },
      },
    });
    service.model.next(learning('User sent a file.'));
    const { turn } = await service.addFiles({
      role: 'user',
      content: 'See this.',
      attachments: [{ type: 'txt', url: 'https://example.com/home.txt' }],
    });
    await service.refine();
    service.model.next(
      proposing(
        { turn: 0, type: 'NONE', reason: 'Known.' },
        { turn: 1, type: 'ADD', text: 'User calls Oslo home.' },
      ),
    );

    const result = await again(service.platform, turn);

    expect(result).toMatchObject({
      outcome: 'changed',
      changes: [{ type: 'ADD', text: 'User calls Oslo home.' }],
    });
    expect(service.shown().at(-1)?.join(' ')).toContain('Oslo is home.');
    expect(fetches).toBe(1);
    expect(textsOf(await service.list())).toContain('User calls Oslo home.');
  });

  it('is refined again by what was said where the text of a file is gone', async () => {
    const files = createKeptFiles();
    const service = openWithFiles({ blobs: files });
    service.model.next(learning('User sent a file.'));
    const { turn } = await service.addFiles(withFiles('I live in Oslo.', 'secret plans'));
    await service.refine();
    const gone: Platform = {
      ...service.platform,
      blobs: { ...files, get: async () => undefined },
    };
    service.model.next(learning('User lives in Oslo.'));

    const result = await again(gone, turn);

    expect(result).toMatchObject({ changes: [{ text: 'User lives in Oslo.' }] });
    expect(service.shown().at(-1)?.join(' ')).not.toContain('secret plans');
  });

  it('applies more changes than one transaction takes, and each is found and known', async () => {
    const service = openWebhookFixture();
    service.model.next(learning('User has a list.'));
    const { turn } = await service.add('Here is my list.');
    await service.refine();
    const facts = Array.from({ length: 60 }, (_, at) => `User has item number ${1_000 + at}.`);
    service.model.always(learning(...facts));

    const first = await again(service.platform, turn);
    const second = await again(service.platform, turn);

    expect([first.outcome, second.outcome]).toEqual(['changed', 'unchanged']);
    expect(textsOf(await service.list())).toEqual(expect.arrayContaining(facts));
    expect(service.rows('TURN')[0]?.item).toMatchObject({ memoryIds: { length: 61 } });
    const [changes] = service.rows('CHANGES');
    expect(changes?.item).toMatchObject({ changes: { length: 61 } });
  });

  it('keeps the newest texts of its event where all are too large for an item', async () => {
    const service = openWebhookFixture();
    service.model.next(learning('User has a list.'));
    const { turn } = await service.add('Here is my list.');
    await service.refine();
    const outcomes: string[] = [];
    for (let time = 0; time < 3; time++) {
      const facts = Array.from(
        { length: 24 },
        (_, at) => `Item ${time}.${at}: ${'x'.repeat(7_900)}`,
      );
      service.model.next(learning(...facts));
      outcomes.push((await again(service.platform, turn)).outcome);
    }

    const [item] = service.rows('CHANGES').map((row) => row.item as Item<'CHANGES'>);
    const texts = (item?.changes ?? []).map(({ text = '' }) => text.slice(0, 9));
    expect(outcomes).toEqual(['changed', 'changed', 'changed']);
    expect(item?.changes).toHaveLength(1 + 3 * 24);
    expect(jsonBytes(item)).toBeLessThan(400_000);
    expect(texts.slice(-24).every((text) => text.startsWith('Item 2.'))).toBe(true);
    expect(item?.changes[0]).toEqual({ type: 'ADD', memory: expect.any(String), erased: true });
  });
});
