import { afterEach, describe, expect, it } from 'vitest';
import type { LocalOptions } from '../../shared/platform/local.ts';
import type { Embedder } from '../../shared/ports/embedder.ts';
import type { FileFetcher } from '../../shared/ports/file-fetcher.ts';
import { plainEmbedder, plainLanguageModel } from '../support/fake-models.ts';
import { type Client, finalEvent, openService } from '../support/in-memory-service.ts';
import { createKeptFiles } from '../support/kept-files.ts';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const open = async (options: LocalOptions = {}) => {
  const service = await openService(options);
  ends.push(service.close);
  return service;
};

/** Links whose host is `slow` hang until the fetch is aborted; others lead to a text. */
const hangingLinks = (): FileFetcher & { underWay: Set<string>; aborted: string[] } => {
  const underWay = new Set<string>();
  const aborted: string[] = [];
  return {
    underWay,
    aborted,
    fetch: (url, signal) => {
      if (!url.startsWith('https://slow'))
        return Promise.resolve({ ok: true, bytes: Buffer.from('I live in Oslo.') });
      underWay.add(url);
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          underWay.delete(url);
          aborted.push(url);
          reject(signal.reason);
        });
      });
    },
  };
};

const addLink = async (client: Client, user: string, url: string): Promise<string> => {
  const content = [{ type: 'txt_url', txt_url: url }];
  const body = { user_id: user, messages: [{ role: 'user', content }] };
  return (await client('POST /v1/turns', { body })).body.event_id;
};

const addText = async (client: Client, user: string): Promise<string> => {
  const body = { user_id: user, messages: [{ role: 'user', content: 'I like tea.' }] };
  return (await client('POST /v1/turns', { body })).body.event_id;
};

const until = async (isSo: () => boolean): Promise<void> => expect.poll(isSo).toBe(true);

describe('links that hang', () => {
  it('a link that hangs holds no permit of the model beside the turn of another user', async () => {
    const fileFetcher = hangingLinks();
    const { client } = await open({ fileFetcher, modelConcurrency: 1 });
    const slow = await addLink(client, 'ana', 'https://slow.example.com/a.txt');
    await until(() => fileFetcher.underWay.size === 1);

    const event = await finalEvent(client, await addText(client, 'bob'));
    const waiting = (await client(`GET /v1/events/${slow}`)).body;

    expect(event.status).toBe('SUCCEEDED');
    expect(waiting).toMatchObject({ status: 'RUNNING', stage: 'reading' });
  });

  it('twenty links of one project that hang leave readers to the attachment of another project', async () => {
    const fileFetcher = hangingLinks();
    const service = await open({ fileFetcher });
    const other = await service.clientOf('other');
    for (let n = 0; n < 20; n++)
      await addLink(service.client, `user-${n}`, `https://slow.example.com/${n}.txt`);
    await until(() => fileFetcher.underWay.size === 4);

    const event = await finalEvent(other, await addLink(other, 'bob', 'https://example.com/b.txt'));

    expect(event).toMatchObject({ status: 'SUCCEEDED', attachments: [{ status: 'read' }] });
    expect(fileFetcher.underWay.size).toBe(4);
  });

  it('a turn without attachments of the same project does not wait for twenty links that hang', async () => {
    const fileFetcher = hangingLinks();
    const { client } = await open({ fileFetcher });
    for (let n = 0; n < 20; n++)
      await addLink(client, `user-${n}`, `https://slow.example.com/${n}.txt`);
    await until(() => fileFetcher.underWay.size === 4);

    const done = [];
    for (let n = 0; n < 8; n++) done.push(await addText(client, `other-${n}`));
    const events = await Promise.all(done.map((id) => finalEvent(client, id)));

    expect(new Set(events.map(({ status }) => status))).toEqual(new Set(['SUCCEEDED']));
  });

  it('links are fetched while the model is down', async () => {
    let isDown = true;
    const down = { ok: false, code: 'model_unavailable', message: 'Down.' } as const;
    const usage = { prompt: 0, completion: 0 };
    const languageModel = {
      ...plainLanguageModel,
      decide: async (...call: Parameters<typeof plainLanguageModel.decide>) =>
        isDown
          ? { ...down, retryable: true, about: 'service' as const, usage }
          : plainLanguageModel.decide(...call),
      probe: async () => (isDown ? down : { ok: true as const }),
    };
    const { client } = await open({ fileFetcher: hangingLinks(), languageModel });
    await addText(client, 'ana');
    const id = await addLink(client, 'bob', 'https://example.com/a.txt');
    const read = async () => (await client(`GET /v1/events/${id}`)).body;

    await expect.poll(async () => (await read()).attachments).toMatchObject([{ status: 'read' }]);
    await expect.poll(async () => (await read()).stage).toBe('queued');
    isDown = false;
  });
});

describe('a fetch that is under way', () => {
  const hanging = async () => {
    const fileFetcher = hangingLinks();
    const service = await open({ fileFetcher });
    const event = await addLink(service.client, 'ana', 'https://slow.example.com/a.txt');
    await until(() => fileFetcher.underWay.size === 1);
    return { ...service, fileFetcher, event };
  };

  it('a cancellation of the turn aborts the fetch, and later turns of the user go on', async () => {
    const { client, fileFetcher, event } = await hanging();

    const answer = await client(`POST /v1/events/${event}/cancel`);
    await until(() => fileFetcher.underWay.size === 0);
    const next = await finalEvent(client, await addText(client, 'ana'));

    expect(answer.status).toBe(200);
    expect(fileFetcher.aborted).toHaveLength(1);
    expect(next.status).toBe('SUCCEEDED');
  });

  it('a delete-all of the user aborts the fetch', async () => {
    const { client, fileFetcher } = await hanging();

    const { body } = await client('DELETE /v1/memories?user_id=ana');
    const done = await finalEvent(client, body.event_id);

    expect(done.status).toBe('SUCCEEDED');
    await until(() => fileFetcher.underWay.size === 0);
  });

  it('a stop of the process aborts the fetch, and the event stays open', async () => {
    const { client, close, fileFetcher, event, platform } = await hanging();
    const before = (await client(`GET /v1/events/${event}`)).body.status;
    // The store stays open, so that the event can be read afterwards.
    const closeStore = platform.store.close;
    platform.store.close = async () => {};
    ends.splice(0, 1, closeStore);

    await close();

    expect(before).toBe('RUNNING');
    expect(fileFetcher.underWay.size).toBe(0);
    expect((await client(`GET /v1/events/${event}`)).body.status).toBe('RUNNING');
  });
});

describe('a long document', () => {
  it('the texts of a document are embedded by the indexer, so that the turn holds no permit meanwhile', async () => {
    const embedded = { add: 0, query: 0, batch: 0 };
    const embedder: Embedder = {
      ...plainEmbedder,
      embed: (texts, options) => {
        embedded[options?.priority ?? 'batch'] += texts.length;
        return plainEmbedder.embed(texts, options);
      },
    };
    const { client } = await open({ embedder });
    const lines = Array.from(
      { length: 600 },
      (_, n) => `Pump ${n}: oil it on day ${n} of the year.`,
    );
    const data = Buffer.from(lines.join('\n')).toString('base64');
    const content = [{ type: 'txt_url', txt_url: `data:text/plain;base64,${data}` }];
    const body = { user_id: 'ana', messages: [{ role: 'user', content }] };
    const { event_id: id } = (await client('POST /v1/turns', { body })).body;

    expect(await finalEvent(client, id)).toMatchObject({ attachments: [{ status: 'read' }] });
    await until(() => embedded.batch >= 10);
    expect(embedded.add).toBeLessThanOrEqual(10);
  });
});

describe('files of deleted turns', () => {
  it('files are removed at once while the embedder hangs', async () => {
    const files = createKeptFiles();
    let embedding = 0;
    const embed = () => {
      embedding += 1;
      return new Promise<never>(() => {});
    };
    // Not closed: the work that hangs would not end.
    const { client } = await openService({ blobs: files, embedder: { ...plainEmbedder, embed } });
    const said = [{ role: 'user', content: 'Tea at five.' }];
    for (let n = 0; n < 4; n++)
      await client('POST /v1/turns', { body: { user_id: `u${n}`, messages: said, infer: false } });
    await until(() => embedding >= 2);
    const id = await addLink(client, 'ana', 'data:text/plain,I live in Oslo.');
    await until(() => files.texts().length > 0);

    await client(`POST /v1/events/${id}/cancel`);

    await expect.poll(() => files.texts()).toEqual([]);
  });
});

describe('the answer of a synchronous add', () => {
  it('the reason of a v3 add with async_mode false says what was not read of its attachments', async () => {
    const { client } = await open();
    const content = [
      { type: 'text', text: 'I like tea.' },
      { type: 'image_url', image_url: 'data:image/png;base64,iVBORw0KGgoAAAAA' },
      { type: 'pdf_url', pdf_url: 'data:application/pdf,%25PDF-1.4 damaged' },
    ];

    const { body } = await client('POST /v3/memories/add', {
      body: { user_id: 'ana', messages: [{ role: 'user', content }], async_mode: false },
    });

    expect(body.results).toHaveLength(1);
    expect(body.reason).toBe(
      'attachment 0 (image): The image was kept and not read: no language model that sees images is configured; attachment 1 (pdf): The PDF is damaged or protected.',
    );
  });
});
