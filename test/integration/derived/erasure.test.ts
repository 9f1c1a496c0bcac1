import { describe, expect, it } from 'vitest';
import { readExport, startExport } from '../../../shared/core/derived/exports.ts';
import { readProfile, startProfiles } from '../../../shared/core/derived/profiles.ts';
import { deleteMemory } from '../../../shared/core/erasure/delete-memory.ts';
import { parseShape } from '../../../shared/domain/derived/shape.ts';
import { messageId } from '../../../shared/domain/memory/derived-ids.ts';
import { eventKey } from '../../../shared/domain/table/keys.ts';
import { type CoreFixture, openCoreFixture, project } from '../../support/core-fixture.ts';
import { eventOf, forget } from '../../support/delete-all.ts';
import { createFillingModel } from '../../support/filling-model.ts';
import { learning, rewriting } from '../../support/scripted-model.ts';

const entity = { kind: 'user' as const, id: 'alice' };
const filter = { entity: 'user' as const, is: 'alice' };

const shapeOf = (properties: object) => {
  const shape = parseShape({ type: 'object', properties });
  if ('problem' in shape) throw new Error(shape.problem);
  return shape;
};
const all = shapeOf({ memories: { type: 'array', items: { type: 'string' } } });

const begin = async (service: CoreFixture, shape = all): Promise<string> => {
  const started = await startExport(service.platform, project, { filter, filters: 'f', shape });
  if (started.outcome !== 'begun') throw new Error(started.outcome);
  return started.id;
};

const profileOf = (service: CoreFixture) => readProfile(service.platform, project, entity);

const remember = async (service: CoreFixture): Promise<string[]> => {
  const ids: string[] = [];
  for (const text of ['A heron nests by the mill.', 'A stork sleeps.']) {
    service.model.next(learning(text));
    ids.push(...(await service.learn(text)));
  }
  await service.settle();
  return ids;
};

/** An export and a profile of two memories, one of which says heron. */
const derive = async (options = {}) => {
  const service = openCoreFixture(options);
  const [heron = '', stork = ''] = await remember(service);
  const id = await begin(service);
  await profileOf(service);
  await service.work();
  return { service, heron, stork, id };
};

const derivedKinds = (service: CoreFixture): string[] =>
  service.kindsSaying('heron').filter((kind) => ['EXPORT_PART', 'PROFILE'].includes(kind));

describe('the erasure of exports and profiles', () => {
  it('the deletion of the message that changed a memory erases what was made from the changed text', async () => {
    const service = openCoreFixture();
    service.model.next(learning('A stork sleeps.'));
    await service.learn('A stork sleeps.');
    service.model.next(rewriting('stork', 'A heron nests by the mill.'));
    const { turn } = await service.add('Now a heron nests there.');
    await service.work();
    await begin(service);
    await profileOf(service);
    await service.work();
    const before = derivedKinds(service).sort();

    await deleteMemory(service.platform, project, messageId(turn, 0));

    expect(before).toEqual(['EXPORT_PART', 'PROFILE']);
    expect(derivedKinds(service)).toEqual([]);
  });

  it('the deletion of a memory erases the exports and profiles that were made from the memory', async () => {
    const { service, heron, id } = await derive();
    const before = derivedKinds(service).sort();
    const seen = await profileOf(service);

    await deleteMemory(service.platform, project, heron);

    expect(before).toEqual(['EXPORT_PART', 'PROFILE']);
    expect(seen?.status).toBe('succeeded');
    expect(derivedKinds(service)).toEqual([]);
    expect(service.rows('EXPORT_PART')).toEqual([]);
    expect(await readExport(service.platform, project, { id })).toEqual({ outcome: 'erased' });
    const profile = await profileOf(service);
    expect(profile?.status).toBe('pending');
    expect(profile?.value).toBeUndefined();
  });

  it('a profile that was erased is generated again without the deleted memory', async () => {
    const { service, heron } = await derive();
    await deleteMemory(service.platform, project, heron);
    await profileOf(service);

    await service.work();

    const profile = await profileOf(service);
    expect(profile?.status).toBe('succeeded');
    expect(profile?.value).toContain('stork');
    expect(profile?.value).not.toContain('heron');
    expect(profile?.profile?.generations).toBe(2);
  });

  it('a deletion leaves exports and profiles of other memories as they are', async () => {
    const { service, id } = await derive();
    const [other = ''] = await service.learn('A swan.', { user: 'bob' });

    await deleteMemory(service.platform, project, other);

    expect(await readExport(service.platform, project, { id })).toMatchObject({
      outcome: 'ready',
    });
    expect((await profileOf(service))?.status).toBe('succeeded');
  });

  it('once a delete-all is answered no export and no profile shows a word of the entity', async () => {
    const { service, id } = await derive();

    await forget(service);

    expect(await readExport(service.platform, project, { id })).toEqual({ outcome: 'erased' });
    expect(await profileOf(service)).toBeUndefined();
  });

  it('once a delete-all has SUCCEEDED no text of the entity is in exports and profiles, and its id is in none that stays', async () => {
    const { service } = await derive();

    const { event } = await forget(service);
    await service.work();

    expect((await eventOf(service, event))?.status).toBe('SUCCEEDED');
    expect(service.kindsSaying('heron')).toEqual([]);
    const staying = service
      .rows()
      .filter(({ key }) => ['EXPORT', 'EXPORT_PART', 'PROFILE'].includes(key.kind))
      .filter(({ item }) => item.expiresAt === undefined);
    expect(staying).toEqual([]);
  });

  it('a memory that a turn took back and that is deleted later is erased from an older export', async () => {
    const { service, heron, id } = await derive();
    service.model.next((request) => ({
      ok: true,
      changes: request.memories.flatMap(({ text }, memory) =>
        text.includes('heron') ? [{ turn: 0, type: 'DELETE' as const, target: { memory } }] : [],
      ),
      usage: { prompt: 1, completion: 1 },
    }));
    await service.learn('The heron is gone.');
    const kept = await readExport(service.platform, project, { id });

    await deleteMemory(service.platform, project, heron);

    expect(kept.outcome).toBe('ready');
    expect(derivedKinds(service)).toEqual([]);
  });

  it('an export starts again when one of its memories is deleted while the model reads it', async () => {
    let deletes: (() => Promise<unknown>) | undefined;
    const model = createFillingModel(async () => {
      await deletes?.();
      deletes = undefined;
    });
    const service = openCoreFixture();
    const [heron = ''] = await remember(service);
    Object.assign(service.platform, { languageModel: model });
    model.fills({ bird: 'heron' }, { bird: 'stork' });
    deletes = () => deleteMemory(service.platform, project, heron);
    const id = await begin(service, shapeOf({ bird: { type: 'string' } }));

    await service.work();

    expect(model.asked.map(({ memories }) => memories.length)).toEqual([2, 1]);
    expect(await readExport(service.platform, project, { id })).toEqual({
      outcome: 'ready',
      value: { bird: 'stork' },
    });
  });

  it('a profile is made again when one of its memories is deleted while the model reads it', async () => {
    let deletes: (() => Promise<unknown>) | undefined;
    const model = createFillingModel(async () => {
      await deletes?.();
      deletes = undefined;
    });
    const service = openCoreFixture();
    const [heron = ''] = await remember(service);
    Object.assign(service.platform, { languageModel: model });
    model.fills({ summary: 'A heron.' }, { summary: 'A stork.' });
    deletes = () => deleteMemory(service.platform, project, heron);
    await startProfiles(service.platform, project, {
      operation: 'trigger',
      kind: 'user',
      entities: ['alice'],
    });

    await service.work();

    const profile = await profileOf(service);
    expect(profile?.value).toContain('A stork.');
    expect(profile?.value).not.toContain('heron');
    expect(derivedKinds(service)).toEqual([]);
  });

  it('a crash at any write of an export leaves one result, and the job resumes', async () => {
    const memories = ['heron', 'stork', 'swan'];
    for (let crashAt = 1; crashAt <= 8; crashAt++) {
      const service = openCoreFixture();
      for (const bird of memories) await service.learn(`A ${bird} sleeps.`);
      await service.settle();
      const id = await begin(service);
      let writes = 0;
      const crashing = service.intercepted({
        before: ({ steps }) => {
          if (steps.length > 0 && ++writes === crashAt) throw new Error('crash');
        },
      });
      await service.work(crashing).catch(() => undefined);

      await service.pass(61_000);
      await service.pass(61_000);

      const answer = await readExport(service.platform, project, { id });
      expect(answer.outcome, `crash at write ${crashAt}`).toBe('ready');
      if (answer.outcome === 'ready') expect(answer.value['memories']).toHaveLength(3);
      expect((await service.store.get(eventKey(project, id)))?.status).toBe('SUCCEEDED');
      expect(service.rows('DERIVE')).toEqual([]);
    }
  });

  it('a lost answer at any write of an export neither doubles nor drops a memory', async () => {
    for (let lostAt = 1; lostAt <= 5; lostAt++) {
      const service = openCoreFixture();
      await remember(service);
      const id = await begin(service);
      let writes = 0;
      const losing = service.intercepted({
        after: ({ steps }) => {
          if (steps.length > 0 && ++writes === lostAt) throw new Error('lost');
        },
      });
      await service.work(losing).catch(() => undefined);

      await service.pass(61_000);
      await service.pass(61_000);

      const answer = await readExport(service.platform, project, { id });
      expect(answer).toMatchObject({ outcome: 'ready', value: { memories: { length: 2 } } });
    }
  });

  it('exports and their parts expire after a week', async () => {
    const { service } = await derive();

    await service.clock.advance(7 * 86_400_000 + 1);
    for (let purged = 1; purged > 0; ) purged = await service.store.purge(service.clock.now());

    expect([...service.rows('EXPORT'), ...service.rows('EXPORT_PART')]).toEqual([]);
  });
});
