import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { getOrCreateProject } from '../../shared/core/projects/projects.ts';
import { readPointers } from '../../shared/core/retrieval/recent.ts';
import { type Cutoff, maxCutoffs, maxMetadataValues } from '../../shared/domain/memory/cutoff.ts';
import { entityRecordKey } from '../../shared/domain/table/keys.ts';
import { cpuOf } from '../support/cpu-of.ts';
import { openService, say, type TestService } from '../support/in-memory-service.ts';

let service: TestService;
afterEach(() => service.close());

const listed = () =>
  service.client('POST /v3/memories/', { body: { filters: { user_id: 'alice' } } });
const search = () =>
  service.client('POST /v3/memories/search', {
    body: { query: 'tea', top_k: 1_000, filters: { user_id: 'alice' } },
  });
const forget = (ids: string) => service.client(`DELETE /v1/memories?${ids}`);
const recordOf = async (id: string) => {
  const { id: project } = await getOrCreateProject(service.platform);
  return entityRecordKey(project, { kind: 'user', id });
};
/** Whether searches read turns beside the index, which lets them rank more memories. */
const readsDirectly = async () => {
  const { id: project } = await getOrCreateProject(service.platform);
  const { turns } = await readPointers(service.platform, project, [{ kind: 'user', id: 'alice' }]);
  return turns.length > 0;
};
const stored = async () =>
  (await service.platform.store.get(await recordOf('alice')))?.cutoffs.length;

describe('a search of a thousand memories', () => {
  const ids = Array.from({ length: maxCutoffs }, (_, index) => index);
  const before = 'ffffffff-ffff-7fff-bfff-ffffffffffff';
  const metadata = Object.fromEntries(
    ids.slice(0, 100).map((at) => [`key${at}`, { at, list: [at] }]),
  );
  beforeEach(async () => {
    service = await openService();
    for (let turn = 0; turn < 20; turn++) {
      const messages = Array.from({ length: 50 }, (_, i) => ({
        role: 'user',
        content: `I drank tea number ${turn * 50 + i}.`,
      }));
      await service.client('POST /v3/memories/add', {
        body: { user_id: 'alice', run_id: `kept-${turn}`, infer: false, messages, metadata },
      });
    }
    await expect.poll(readsDirectly, { timeout: 30_000 }).toBe(false);
  }, 60_000);

  it('a search needs less than 50 ms of CPU more with the maximal number of delete-alls by metadata', async () => {
    const without = await cpuOf(search);
    const key = await recordOf('alice');
    // Each differs from the metadata of every memory only in its last value.
    const near = Object.fromEntries(Object.entries(metadata).slice(0, 4));
    const cutoffs = ids.slice(0, maxMetadataValues / 17).map((index) => ({
      match: { user: 'alice' },
      metadata: { ...near, [`key${index + 10}`]: 'another' },
      before,
    }));
    await service.platform.store.transact([{ op: 'update', key, set: { cutoffs }, remove: [] }]);

    const { answer, ms } = await cpuOf(search);

    expect(answer.body.results).toHaveLength(without.answer.body.results.length);
    expect(ms - without.ms).toBeLessThan(50);
  }, 60_000);

  it.each<[string, (index: number) => Cutoff['match']]>([
    ['runs', (i) => ({ user: 'alice', run: `r${i}` })],
    ['agents in any run', (i) => ({ user: 'alice', agent: `a${i}`, run: '*' })],
    ['apps in the runs named', (i) => ({ user: 'alice', app: `a${i}`, run: `kept-${i % 20}` })],
  ])(
    'a search needs less than 50 ms of CPU more with the maximal number of delete-alls of %s',
    async (_, matchOf) => {
      const without = await cpuOf(search);
      const key = await recordOf('alice');
      const cutoffs = ids.map((index) => ({ match: matchOf(index), before }));
      await service.platform.store.transact([{ op: 'update', key, set: { cutoffs }, remove: [] }]);

      const { answer, ms } = await cpuOf(search);

      expect(answer.body.results.length).toBeGreaterThan(400);
      expect(answer.body.results).toHaveLength(without.answer.body.results.length);
      expect(ms - without.ms).toBeLessThan(50);
    },
    60_000,
  );
});

describe('a user with as many delete-alls of runs as may be on record', () => {
  beforeEach(async () => {
    service = await openService({ maxJobs: 1_000, refines: false });
    const body = { ...say('I like tea.', 'alice'), run_id: 'kept' };
    await service.client('POST /v1/turns', { body });
    for (let run = 0; run < maxCutoffs; run++)
      expect(await forget(`user_id=alice&run_id=r${run}`)).toMatchObject({ status: 200 });
  }, 60_000);

  it('a delete-all beyond the limit of a user is rejected with 429 and deletes nothing', async () => {
    const { status, body, headers } = await forget('user_id=alice&run_id=kept');

    expect({ status, code: body.code }).toEqual({ status: 429, code: 'too_many_cutoffs' });
    expect(body.message).toMatch(/^At most 500 delete-alls of parts of one entity/);
    expect(headers.get('retry-after')).toBe('3600');
    expect(await stored()).toBe(maxCutoffs);
    expect((await listed()).body.count).toBe(1);
  });

  it('at the limit, a repeated delete-all, one of another user and one of the whole user are accepted, and the last makes room', async () => {
    expect((await forget('user_id=alice&run_id=r7')).status).toBe(200);
    expect((await forget('user_id=bea&run_id=r7')).status).toBe(200);
    expect(await stored()).toBe(maxCutoffs);

    expect((await forget('user_id=alice')).status).toBe(200);
    expect(await stored()).toBe(1);
    expect((await listed()).body.count).toBe(0);
    expect((await forget('user_id=alice&run_id=new')).status).toBe(200);
  });
});

describe('a user with delete-alls of long ids', () => {
  it('a delete-all that exceeds the size of the entity record is rejected with 429', async () => {
    service = await openService({ maxJobs: 1_000, refines: false });
    const long = (index: number) => encodeURIComponent(`${index}${'漢'.repeat(250)}`);
    let refused: number | undefined;
    for (let run = 0; run < maxCutoffs && refused === undefined; run++) {
      const { status, body } = await forget(
        `user_id=lea&agent_id=${long(run)}&run_id=${long(run)}`,
      );
      if (status === 200) continue;
      expect({ status, code: body.code }).toEqual({ status: 429, code: 'too_many_cutoffs' });
      refused = run;
    }

    expect(refused).toBeGreaterThan(100);
    expect((await forget('user_id=lea')).status).toBe(200);
  }, 30_000);
});
