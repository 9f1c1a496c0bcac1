import { describe, expect, it } from 'vitest';
import { deleteMemory } from '../../../shared/core/erasure/delete-memory.ts';
import { getEvent } from '../../../shared/core/events.ts';
import { updateMemory } from '../../../shared/core/memories/update-memory.ts';
import { RetryableError } from '../../../shared/domain/errors.ts';
import type { NewMessage } from '../../../shared/domain/memory/attachment.ts';
import { turnKey } from '../../../shared/domain/table/keys.ts';
import type { FileFetcher } from '../../../shared/ports/file-fetcher.ts';
import { openWithFiles, withFiles } from '../../support/attachments-fixture.ts';
import { alice, project, request } from '../../support/core-fixture.ts';
import { learning } from '../../support/scripted-model.ts';

const dayMs = 86_400_000;

/** A link whose content changes with each fetch. */
const changing = (): FileFetcher & { count: number } => {
  const fetcher = {
    count: 0,
    fetch: async () => {
      fetcher.count += 1;
      return { ok: true as const, bytes: Buffer.from(`Version ${fetcher.count}.`) };
    },
  };
  return fetcher;
};

const linked: NewMessage = {
  role: 'user',
  content: '',
  attachments: [{ type: 'txt', url: 'https://example.com/a.txt' }],
};

describe('files of an add', () => {
  it('files are stored before the turn is accepted', async () => {
    const service = openWithFiles();
    let accepted: unknown;
    service.files.beforePut(async ({ turn }) => {
      accepted = await service.store.get(turnKey(project, turn));
    });

    const { turn } = await service.addFiles(withFiles('Look.', 'tea'));

    expect(accepted).toBeUndefined();
    expect(await service.store.get(turnKey(project, turn))).toBeDefined();
    expect(service.files.texts()).toEqual(['tea']);
    expect(service.rows('FILES')).toEqual([]);
  });

  it('an add without files writes no record of files, and stores none', async () => {
    const service = openWithFiles();
    let writes = 0;
    const counting = service.intercepted({ before: async () => void writes++ });

    await service.accept(request('I like tea.'), counting);
    const plain = writes;
    await service.accept({ ...request(''), messages: [withFiles('x', 'tea')] }, counting);

    expect(service.files.written).toHaveLength(1);
    expect(writes - plain).toBe(2);
  });

  it('files that cannot be stored fail the add, and are removed within a day', async () => {
    const service = openWithFiles();
    service.files.beforePut(({ digest }) => {
      if (digest.startsWith('8')) throw new RetryableError('blobs_unavailable', 'Down.');
    });
    const texts = Array.from({ length: 40 }, (_, i) => `file ${i}`);

    const adding = service.addFiles(withFiles('Look.', ...texts));

    await expect(adding).rejects.toMatchObject({ code: 'blobs_unavailable' });
    expect(service.files.texts().length).toBeGreaterThan(0);
    await service.pass(dayMs - 60_000);
    expect(service.files.texts().length).toBeGreaterThan(0);
    await service.pass(120_000);
    expect(service.files.texts()).toEqual([]);
    expect(service.rows('FILES')).toEqual([]);
  });

  it('the files of a repeated add are removed at once, and those of the first stay', async () => {
    const service = openWithFiles();
    const asked = { ...request(''), messages: [withFiles('Look.', 'tea')], idempotencyKey: 'k' };
    await service.accept(asked);

    const { outcome } = await service.accept(asked);
    await service.work();

    expect(outcome).toBe('replayed');
    expect(new Set(service.files.written.map(({ turn }) => turn)).size).toBe(2);
    expect(service.files.texts()).toEqual(['tea']);
    expect(service.rows('FILES')).toEqual([]);
  });
});

describe('reading', () => {
  it('a link is fetched once: a retry reads what was fetched, whatever the link leads to by then', async () => {
    const fileFetcher = changing();
    const service = openWithFiles({ fileFetcher });
    service.model.next(() => ({
      ok: false,
      code: 'model_invalid_answer',
      message: 'Unusable.',
      retryable: true,
      about: 'turn',
      usage: { prompt: 0, completion: 0 },
    }));
    const { event } = await service.addFiles(linked);

    await service.refine();
    for (let minute = 0; minute < 5; minute++) await service.pass(60_000);

    expect(fileFetcher.count).toBe(1);
    expect(service.shown()).toEqual([['[txt]\nVersion 1.'], ['[txt]\nVersion 1.']]);
    expect(await getEvent(service.platform, project, event)).toMatchObject({
      status: 'SUCCEEDED',
      attachments: [{ part: 0, type: 'txt', status: 'read' }],
    });
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'a crash at write %i of the reading is resumed, and takes effect once',
    async (nth) => {
      const fileFetcher = changing();
      const service = openWithFiles({ fileFetcher });
      service.model.always(learning('Alice reads.'));
      await service.addFiles(linked);
      let count = 0;
      const crash = () => {
        count += 1;
        if (count === nth) throw new Error('crash');
      };
      service.files.beforePut(crash);
      const crashing = service.intercepted({ before: async () => crash() });

      await service.refine(alice, crashing).catch(() => {});
      await service.pass(31_000);
      await service.refine();

      const memories = await service.list();
      expect(memories.map(({ text }) => text)).toEqual(['Alice reads.']);
      expect(new Set(service.shown().flat()).size).toBe(1);
    },
  );

  it('what the worker stores of a turn that is erased meanwhile is removed', async () => {
    const service = openWithFiles({ fileFetcher: changing() });
    const { turn } = await service.addFiles(linked);
    service.files.beforePut(async () => {
      service.files.beforePut(() => {});
      await deleteMemory(service.platform, project, turn);
      await service.work();
    });

    await service.refine();

    expect(service.files.written.length).toBeGreaterThan(0);
    expect(service.files.texts()).toEqual([]);
    expect(service.model.requests).toEqual([]);
  });

  it('in a function, one run reads the files and another one asks the model, each by its hint', async () => {
    const fileFetcher = changing();
    const service = openWithFiles({ fileFetcher });
    await service.add('I like tea.');
    await service.addFiles(linked);
    const done = new Set<string>();
    const counts = () => `${service.model.requests.length} asked, ${fileFetcher.count} fetched`;

    for (let hint = service.hints.take(); hint; hint = service.hints.take()) {
      const before = counts();
      await service.perform(hint);
      if (counts() !== before) done.add(`${'files' in hint ? 'files' : 'turns'}: ${counts()}`);
    }

    expect([...done]).toEqual([
      'turns: 1 asked, 0 fetched',
      'files: 1 asked, 1 fetched',
      'turns: 2 asked, 1 fetched',
    ]);
    expect(service.shown()).toEqual([['I like tea.'], ['[txt]\nVersion 1.']]);
  });

  it('turns with attachments are decided alone, in order', async () => {
    const service = openWithFiles();
    await service.add('I like tea.');
    await service.addFiles(withFiles('Look.', 'mate'));
    await service.add('I like wine.');

    await service.refine();

    expect(service.shown()).toEqual([['I like tea.'], ['Look.', '[txt]\nmate'], ['I like wine.']]);
  });

  it('an outage of the model during a description spends no try, and the image is described later', async () => {
    const service = openWithFiles();
    let isDown = true;
    const usage = { prompt: 0, completion: 0 };
    service.model.describeImage = async () =>
      isDown
        ? {
            ok: false,
            code: 'model_unavailable',
            message: 'Down.',
            retryable: true,
            about: 'service',
            usage,
          }
        : { ok: true, text: 'A pizza.', usage };
    service.model.probe = async () =>
      isDown ? { ok: false, code: 'model_unavailable', message: 'Down.' } : { ok: true };
    const image = { type: 'image', url: 'data:image/png', bytes: Buffer.from('\x89PNG', 'latin1') };
    const { event } = await service.addFiles({ role: 'user', content: '', attachments: [image] });
    await service.refine();
    const waiting = await getEvent(service.platform, project, event);
    isDown = false;

    for (let minute = 0; minute < 10; minute++) await service.pass(60_000);

    expect(waiting).toMatchObject({ status: 'RUNNING', waitingFor: 'model', attempts: 0 });
    expect(await getEvent(service.platform, project, event)).toMatchObject({ status: 'SUCCEEDED' });
    expect(service.shown().at(-1)).toEqual(['[image]\nA pizza.']);
  });

  it('an edit of a rough memory keeps the attachments and what was read of them', async () => {
    const fileFetcher = changing();
    const service = openWithFiles({ fileFetcher });
    const { turn } = await service.addFiles({ ...linked, content: 'Look.' });
    service.model.next(async () => {
      await updateMemory(service.platform, project, turn, { text: 'See.' });
      return { ok: true, changes: [], usage: { prompt: 0, completion: 0 } };
    });

    await service.refine();

    expect(service.shown().at(-1)).toEqual(['See.', '[txt]\nVersion 1.']);
    expect(fileFetcher.count).toBe(1);
  });
});
