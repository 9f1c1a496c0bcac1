import { afterEach, describe, expect, it } from 'vitest';
import { deleteAll } from '../../shared/core/erasure/delete-all.ts';
import type { RetryableError } from '../../shared/domain/errors.ts';
import { wordsKeys } from '../../shared/domain/table/keys.ts';
import {
  angled,
  entry,
  idsOf,
  model,
  ofUser,
  query,
  referenceTo,
  semanticOf,
} from '../contract/vector-index-harness.ts';
import { alice, openCoreFixture, project } from '../support/core-fixture.ts';
import { openS3VectorIndex } from '../support/s3-vector-index.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const open: typeof openS3VectorIndex = async (options) => {
  const opened = await openS3VectorIndex(options);
  closers.push(opened.close);
  return opened;
};

const tea = entry('m', { terms: { tea: 1 } });
const asked = query('p', { terms: ['tea'] });

const failure = async (promise: Promise<unknown>): Promise<RetryableError> =>
  promise.then(
    () => expect.fail('an error was expected'),
    (error) => error,
  );

/** Vectors of the first axis, and `degrees` from it. */
const at = (dimension: number, degrees: number) => ({ model, vector: angled(dimension, degrees) });

describe('a failure of S3 Vectors', () => {
  it.each([
    ['a throttle', { status: 429, exception: 'TooManyRequestsException' }],
    ['an outage', { status: 503, exception: 'ServiceUnavailableException' }],
    ['a broken connection', 'drop' as const],
  ])('a request is tried again after %s', async (_, fault) => {
    const { server, index } = await open({ attempts: 3 });
    server.fail('PutVectors', fault);
    server.fail('QueryVectors', fault, fault);

    await index.upsert('p', [tea]);
    const answer = await index.query({ ...asked, partitions: ['project'] });

    expect(idsOf(answer)).toEqual(['m#1']);
    expect(server.bodiesOf('PutVectors')).toHaveLength(2);
  });

  it('a write whose answer was lost is safely repeated', async () => {
    const { server, index } = await open({ attempts: 3 });
    server.fail('PutVectors', 'lose-answer');
    server.fail('DeleteVectors', 'lose-answer');

    await index.upsert('p', [tea, entry('n', { terms: { tea: 1 } })]);
    await index.remove('p', [referenceTo(tea)]);

    expect(idsOf(await index.query(asked))).toEqual(['n#1']);
  });

  it.each([
    [429, 'TooManyRequestsException', 'index_rate_limited'],
    [403, 'AccessDeniedException', 'index_unauthorized'],
    [404, 'NotFoundException', 'index_missing'],
    [503, 'ServiceUnavailableException', 'index_unavailable'],
    [500, 'InternalServerException', 'index_unavailable'],
    [402, 'ServiceQuotaExceededException', 'index_unavailable'],
  ])('an answer of %i with %s is retryable as %s', async (status, exception, code) => {
    const { server, index } = await open();
    server.fail('PutVectors', { status, exception });

    const error = await failure(index.upsert('p', [tea]));

    expect(error).toMatchObject({ name: 'RetryableError', code });
  });

  it('a request that the service refuses is not repeated, and nothing of it is in the error', async () => {
    const { server, index } = await open();
    server.fail('PutVectors', { status: 400, exception: 'ValidationException' });

    const error = await failure(index.upsert('p', [tea]));

    expect(error).toMatchObject({ name: 'TerminalError', code: 'index_rejected' });
    expect(error.message).toBe('The vector bucket vectors refused a request.');
  });

  it('vectors of another dimension are not sent', async () => {
    const { server, index } = await open();

    const error = await failure(index.upsert('p', [entry('m', { dense: at(7, 0) })]));

    expect(error).toMatchObject({ name: 'RetryableError', code: 'index_dimension' });
    expect(server.requests).toEqual([]);
  });

  it('an entry is not visible before its vector is written, and is written whole by a repetition', async () => {
    const { server, index } = await open();
    server.fail('PutVectors', { status: 503, exception: 'ServiceUnavailableException' });
    await failure(index.upsert('p', [tea]));
    const before = await index.areVisible('p', [referenceTo(tea)]);

    await index.upsert('p', [tea]);

    expect(before).toEqual([false]);
    expect(await index.areVisible('p', [referenceTo(tea)])).toEqual([true]);
  });
});

describe('projects in one vector bucket', () => {
  it('entries of equal ids, users and words are those of their project alone', async () => {
    const { index, dimension } = await open({ indexes: 1 });
    const dense = at(dimension, 0);
    for (const project of ['p', 'q'])
      await index.upsert(project, [
        entry('m', {
          dense,
          terms: { tea: 1 },
          target: { entities: { user: 'u', run: `run of ${project}` } },
        }),
      ]);

    for (const partitions of [[ofUser], ['project' as const]])
      for (const project of ['p', 'q']) {
        const found = await index.query(query(project, { partitions, dense, terms: ['tea'] }));

        expect(found.hits).toMatchObject([{ entities: { run: `run of ${project}` } }]);
      }
  });

  it('every query names the project or owners of it in its filter', async () => {
    const { server, index, dimension } = await open({ indexes: 2 });
    const dense = at(dimension, 0);

    await index.query(query('p', { dense, terms: ['tea'] }));
    await index.query(query('p', { dense, terms: ['tea'], partitions: ['project'] }));

    const filters = server.bodiesOf('QueryVectors').map(({ filter }) => JSON.stringify(filter));
    expect(filters).toHaveLength(3);
    for (const filter of filters) expect(filter).toMatch(/"entities":\{"\$in":\["[\w-]{16}"\]\}/);
  });
});

describe('the limits of S3 Vectors', () => {
  it('more results than fit a page are read page by page', async () => {
    const { server, index, dimension } = await open({ pageSize: 30 });
    const entries = Array.from({ length: 130 }, (_, i) =>
      entry(`m${i}`, { dense: at(dimension, i / 2) }),
    );
    await index.upsert('p', entries);

    const { hits } = await index.query(query('p', { dense: at(dimension, 0), limit: 120 }));

    expect(hits).toHaveLength(120);
    expect(server.bodiesOf('QueryVectors').map(({ topK }) => topK)).toEqual([120, 120, 120, 120]);
  });

  it('an entry with more metadata than the service filters by is found by a filter on any of them', async () => {
    const { index, dimension } = await open();
    const metadata = Object.fromEntries(
      Array.from({ length: 80 }, (_, i) => [`key ${i}`, `${'value '.repeat(9)}${i}`]),
    );
    const runs = Array.from({ length: 16 }, (_, i) => ({ kind: 'run' as const, id: `run ${i}` }));
    const dense = at(dimension, 0);
    const target = { metadata, entities: { user: 'u', run: 'r' }, extraEntities: runs };
    await index.upsert('p', [entry('m', { dense, terms: { tea: 1 }, target })]);

    for (const key of ['key 0', 'key 79']) {
      const filter = { metadata: key, op: 'eq' as const, value: String(metadata[key]) };
      const byMeaning = await index.query(query('p', { dense, filter }));
      const lexical = await index.query(query('p', { terms: ['tea'], filter }));

      expect(idsOf(byMeaning)).toEqual(['m#1']);
      expect(idsOf(lexical)).toEqual(['m#1']);
    }
  });

  it('a filter of more conditions than the service takes is left to the reader of the hits', async () => {
    const { server, index, dimension } = await open();
    const dense = at(dimension, 0);
    await index.upsert('p', [entry('m', { dense })]);
    const any = Array.from({ length: 120 }, (_, i) => ({ ids: [`m${i}`, 'm'] }));

    const found = await index.query(query('p', { dense, filter: { any } }));

    expect(idsOf(found)).toEqual(['m#1']);
    expect(JSON.stringify(server.bodiesOf('QueryVectors')[0].filter)).not.toContain('"memory":');
  });

  it('parts of a filter that fit are sent, and one that does not is looked for among the 2,000 nearest', async () => {
    const { server, index, dimension } = await open();
    const run = (name: string) => ({ user: 'u', run: name });
    const entries = Array.from({ length: 300 }, (_, n) =>
      entry(`m${n}`, {
        dense: at(dimension, n / 10),
        target: { entities: run(n < 150 ? 'a' : 'b') },
      }),
    );
    await index.upsert('p', entries);
    const wanted = entries.slice(140).map(({ target }) => target.id);

    const { hits } = await index.query({
      ...query('p', { dense: at(dimension, 0), limit: 10 }),
      filter: { all: [{ entity: 'run', is: 'b' }, { ids: wanted }] },
    });

    const [body] = server.bodiesOf('QueryVectors');
    expect(JSON.stringify(body)).toContain('"topK":2000');
    expect(hits).toHaveLength(10);
    expect(hits.every(({ entities }) => entities.run === 'b')).toBe(true);
  });

  it('words are those of the newest 2,000 entries and of the nearest ones', async () => {
    const { index, dimension } = await open({ indexes: 1 });
    const id = (i: number) => `m${String(i).padStart(4, '0')}`;
    const of = (i: number, stem: string) =>
      entry(id(i), { dense: at(dimension, 20 + i / 40), terms: { [stem]: 1 } });
    const ballast = Array.from({ length: 2_600 }, (_, i) => of(i, 'milk'));
    ballast[0] = of(0, 'near');
    ballast[500] = of(500, 'far');
    ballast[2_500] = of(2_500, 'new');
    await index.upsert('p', ballast);
    const find = async (stem: string) => {
      const dense = at(dimension, 0);
      const found = await index.query(query('p', { dense, terms: [stem], limit: 1 }));
      return idsOf(found);
    };

    expect(await find('near')).toContain(`${id(0)}#1`);
    expect(await find('new')).toContain(`${id(2_500)}#1`);
    expect(await find('far')).toEqual([`${id(0)}#1`]);
  });

  it('an entry that its words alone found has a cosine, from a query of its own', async () => {
    const { server, index, dimension } = await open({ indexes: 1 });
    const near = Array.from({ length: 150 }, (_, i) =>
      entry(`near${i}`, { dense: at(dimension, i / 10), terms: { milk: 1 } }),
    );
    await index.upsert('p', [
      ...near,
      entry('far', { dense: at(dimension, 60), terms: { tea: 1 } }),
    ]);

    const found = await index.query(query('p', { dense: at(dimension, 0), terms: ['tea'] }));

    expect(semanticOf(found, 'far#1')).toBeCloseTo(0.5, 3);
    expect(server.bodiesOf('QueryVectors')).toHaveLength(2);
  });
});

describe('erasure from S3 Vectors and its words', () => {
  it('a deletion of all of a user leaves no vector and no words of them', async () => {
    const { server, store, index } = await open({ dimension: 64 });
    const service = openCoreFixture({ vectorIndex: index });
    await service.add('I live in Lisbon');
    await service.refine();
    await service.pass(240_000);
    const written = server.keys().flatMap(({ keys }) => keys);
    const entries = written.map((key) => key.slice(key.indexOf('/') + 1));
    const wordsLeft = async () => {
      const keys = entries.flatMap((id) => wordsKeys(project, { entities: alice }, id));
      return (await store.getMany(keys)).filter((item) => item !== undefined);
    };
    const before = await wordsLeft();

    await deleteAll(service.platform, project, alice);
    await service.pass(240_000);

    expect(written).not.toEqual([]);
    expect(before).toHaveLength(written.length);
    expect(server.keys().flatMap(({ keys }) => keys)).toEqual([]);
    expect(await wordsLeft()).toEqual([]);
  });
});
