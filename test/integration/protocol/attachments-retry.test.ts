import { describe, expect, it } from 'vitest';
import { deleteMessage } from '../../../shared/core/erasure/delete-message.ts';
import { getEvent, retryEvent } from '../../../shared/core/events.ts';
import { messageAt } from '../../../shared/core/retrieval/messages.ts';
import type { NewMessage } from '../../../shared/domain/memory/attachment.ts';
import { turnKey } from '../../../shared/domain/table/keys.ts';
import type { FileFetcher } from '../../../shared/ports/file-fetcher.ts';
import { openWithFiles } from '../../support/attachments-fixture.ts';
import { project } from '../../support/core-fixture.ts';
import { failing } from '../../support/scripted-model.ts';

/** Links that are busy until the test says otherwise, and one that leads nowhere. */
const links = () => {
  const fetched: string[] = [];
  const state = { isBusy: true };
  const fileFetcher: FileFetcher = {
    fetch: async (url) => {
      fetched.push(url);
      if (url.endsWith('gone')) return { ok: false, reason: 'Gone.', retryable: false };
      return state.isBusy
        ? { ok: false, reason: 'Busy.', retryable: true }
        : { ok: true, bytes: Buffer.from('tea') };
    },
  };
  return { fetched, state, fileFetcher };
};

const [busy, gone] = ['https://example.com/busy', 'https://example.com/gone'] as const;

/** A turn whose links failed, and whose event failed since the model gave no answer. */
const openFailed = async (...more: NewMessage[]) => {
  const { fetched, state, fileFetcher } = links();
  const service = openWithFiles({ fileFetcher, refineSchedule: [] });
  service.model.next(failing(new Error('bug')));
  const attachments = [busy, gone].map((url) => ({ type: 'txt', url }));
  const linked: NewMessage = { role: 'user', content: 'Look.', attachments };
  const { event, turn } = await service.addFiles(linked, ...more);
  await service.until(service.refine());
  const shown = () => getEvent(service.platform, project, event);
  return { ...service, event, turn, shownEvent: shown, fetched, state };
};

const goneOutcome = { part: 1, type: 'txt', status: 'failed', reason: 'Gone.' };

describe('a retry of a failed event', () => {
  it('a retry reads again what failed for a passing reason, and not what cannot be read', async () => {
    const service = await openFailed();
    const failed = await service.shownEvent();
    service.state.isBusy = false;

    await retryEvent(service.platform, project, service.event);
    const retried = await service.shownEvent();
    await service.work();

    expect(failed).toMatchObject({
      status: 'FAILED',
      attachments: [{ status: 'failed', reason: 'Busy.' }, goneOutcome],
    });
    expect(retried?.attachments).toEqual([
      { part: 0, type: 'txt', status: 'pending' },
      goneOutcome,
    ]);
    expect(service.fetched).toEqual([busy, busy, gone, busy]);
    expect(service.shown().at(-1)).toEqual(['Look.', '[txt]\ntea']);
  });

  it('a retry during which a message is erased does not bring the message back', async () => {
    const service = await openFailed({ role: 'user', content: 'I like tea.' });
    const key = turnKey(project, service.turn);
    const stored = await service.store.get(key);
    const second = stored && messageAt(stored, 1);
    let isFirst = true;
    const erasing = service.intercepted({
      before: async () => {
        if (!isFirst || !second) return;
        isFirst = false;
        await deleteMessage(service.platform, second);
      },
    });

    const outcome = await retryEvent(erasing, project, service.event);

    expect([outcome, isFirst]).toEqual(['retried', false]);
    expect(JSON.stringify(await service.store.get(key))).not.toContain('I like tea.');
  });
});

describe('a turn that is only files', () => {
  it('fails if none can be read for a passing reason, without the model, and its retry reads them', async () => {
    const { state, fileFetcher } = links();
    const service = openWithFiles({ fileFetcher });
    const { event } = await service.addFiles({
      role: 'user',
      content: '',
      attachments: [{ type: 'txt', url: busy }],
    });
    await service.until(service.work());
    const failed = await getEvent(service.platform, project, event);
    const asked = service.shown();
    state.isBusy = false;

    const outcome = await retryEvent(service.platform, project, event);
    await service.work();

    expect(failed).toMatchObject({
      status: 'FAILED',
      error: { code: 'attachments_unavailable', message: 'Busy.', retryable: true },
    });
    expect(asked).toEqual([]);
    expect(outcome).toBe('retried');
    expect(await getEvent(service.platform, project, event)).toMatchObject({
      status: 'SUCCEEDED',
      attachments: [{ status: 'read' }],
    });
    expect(service.shown()).toEqual([['[txt]\ntea']]);
  });

  it('with a file that never can be read ends like any other', async () => {
    const service = openWithFiles({ fileFetcher: links().fileFetcher });
    const attachments = [{ type: 'txt', url: gone }];
    const { event } = await service.addFiles({ role: 'user', content: '', attachments });

    await service.work();

    expect(await getEvent(service.platform, project, event)).toMatchObject({
      status: 'SUCCEEDED',
      attachments: [{ status: 'failed', reason: 'Gone.' }],
    });
  });

  it('fails if the model did not describe its image, and its retry describes it', async () => {
    let isBroken = true;
    const service = openWithFiles();
    service.model.describeImage = async () => {
      const usage = { prompt: 0, completion: 0 };
      if (!isBroken) return { ok: true, text: 'A cat on a mat.', usage };
      const message = 'Junk.';
      return { ok: false, code: 'model_junk', message, retryable: true, about: 'turn', usage };
    };
    const bytes = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
    const attachments = [{ type: 'image', url: 'data:image/png', bytes }];
    const { event } = await service.addFiles({ role: 'user', content: '', attachments });
    await service.work();
    const failed = await getEvent(service.platform, project, event);
    isBroken = false;

    await retryEvent(service.platform, project, event);
    await service.work();

    expect(failed?.error).toMatchObject({ code: 'attachments_unavailable', retryable: true });
    expect(service.shown().at(-1)).toEqual(['[image]\nA cat on a mat.']);
  });
});
