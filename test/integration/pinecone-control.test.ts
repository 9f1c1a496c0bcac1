import { afterEach, describe, expect, it } from 'vitest';
import { createIndexControl } from '../../shared/adapters/pinecone/control.ts';
import {
  type PineconeServerOptions,
  startPineconeServer,
} from '../support/pinecone-server/server.ts';
import { runScript } from '../support/service.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const open = async (options: Partial<PineconeServerOptions> = {}) => {
  const server = await startPineconeServer({ apiKey: 'a key', index: 'memories', ...options });
  closers.push(server.close);
  const slept: number[] = [];
  const control = createIndexControl({
    apiKey: 'a key',
    controllerUrl: server.url,
    clock: { now: Date.now, sleep: async (ms) => void slept.push(ms) },
  });
  return { server, control, slept };
};

const place = { cloud: 'aws', region: 'eu-west-1' };

describe('checking the index', () => {
  it('the check returns the host of a compatible index', async () => {
    const { server, control } = await open();

    expect(await control.check({ name: 'memories', dimension: 5 })).toEqual({ host: server.url });
  });

  it.each([
    [{}, { name: 'others', dimension: 5 }, 'There is no Pinecone index "others".'],
    [
      {},
      { name: 'memories', dimension: 512 },
      'The Pinecone index "memories" has 5 dimensions where the embedding model makes 512.',
    ],
    [
      { metric: 'cosine' },
      { name: 'memories', dimension: 5 },
      'The Pinecone index "memories" compares by cosine; only dotproduct takes words and meaning together.',
    ],
  ])(
    'the check of the index %j for %j fails with one sentence',
    async (options, wanted, sentence) => {
      const { control } = await open(options);

      await expect(control.check(wanted)).rejects.toMatchObject({
        code: 'index_unfit',
        message: sentence,
      });
    },
  );
});

describe('creating the index', () => {
  it('an index is created for dot products, and its host is returned once it is ready', async () => {
    const { server, control, slept } = await open({ pollsUntilReady: 3 });

    const made = await control.create({ name: 'fresh', dimension: 8, ...place });

    const [body] = server.bodiesOf('create');
    expect(made).toEqual({ host: server.url, made: true });
    expect(slept.length).toBeGreaterThan(0);
    expect(body).toMatchObject({
      name: 'fresh',
      deployment: place,
      schema: { fields: { _values: { dimension: 8, metric: 'dotproduct' } } },
      deletion_protection: 'enabled',
    });
  });

  it('an existing index stays unchanged, and is refused when it is incompatible', async () => {
    const { server, control } = await open();

    const again = await control.create({ name: 'memories', dimension: 5, ...place });
    const other = control.create({ name: 'memories', dimension: 6, ...place });

    expect(again).toEqual({ host: server.url, made: false });
    await expect(other).rejects.toMatchObject({ code: 'index_unfit' });
    expect(server.bodiesOf('create')).toEqual([]);
  });

  it('creating an index succeeds although the response was lost', async () => {
    const { server, control } = await open();
    server.fail('create', 'lose-answer');
    server.fail('describe', { status: 503 }, 'drop');

    const made = await control.create({ name: 'fresh', dimension: 5, ...place });

    expect(made.host).toBe(server.url);
  });
});

describe('npm run pinecone', () => {
  const settings = (url: string, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
    PINECONE_API_KEY: 'a key',
    PINECONE_CONTROLLER_HOST: url,
    TURNSTONE_PINECONE_DIMENSION: '8',
    ...more,
  });

  it('the command creates and checks the index, and prints the setting', async () => {
    const { server } = await open();

    const create = runScript('pinecone', settings(server.url), 'create');
    const created = await create.ended;
    const check = runScript('pinecone', settings(server.url), 'check');

    expect([created, await check.ended]).toEqual([0, 0]);
    expect(create.out()).toBe(
      `The index "turnstone" was created.\nTURNSTONE_PINECONE_HOST=${server.url}\n`,
    );
    expect(check.out()).toBe(
      `The index "turnstone" fits.\nTURNSTONE_PINECONE_HOST=${server.url}\n`,
    );
  });

  it.each([
    ['a missing index', ['check'], {}, 'There is no Pinecone index "turnstone".'],
    [
      'a wrong key',
      ['check'],
      { PINECONE_API_KEY: 'wrong' },
      'The vector index refused the API key.',
    ],
    ['no key', ['check'], { PINECONE_API_KEY: '' }, 'No Pinecone API key is set.'],
    [
      'another host',
      ['check'],
      {
        TURNSTONE_PINECONE_INDEX: 'memories',
        TURNSTONE_PINECONE_DIMENSION: '5',
        TURNSTONE_PINECONE_HOST: 'other.example',
      },
      'The Pinecone index "memories" is at URL, not at TURNSTONE_PINECONE_HOST=other.example.',
    ],
    [
      'no command',
      [],
      {},
      'Makes the Pinecone index of the settings, or checks that it fits.\nUsage: npm run pinecone -- create|check',
    ],
  ])('the command fails with one sentence for %s', async (_, args, more, sentence) => {
    const { server } = await open();

    const running = runScript('pinecone', settings(server.url, more), ...args);

    expect(await running.ended).toBe(1);
    expect(running.err()).toBe(`${sentence.replace('URL', server.url)}\n`);
    expect(running.out()).toBe('');
  });
});
