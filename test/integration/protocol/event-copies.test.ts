import { describe, expect, it } from 'vitest';
import { deleteAll } from '../../../shared/core/erasure/delete-all.ts';
import { deleteMemory } from '../../../shared/core/erasure/delete-memory.ts';
import { listEvents } from '../../../shared/core/list-events.ts';
import { put, update } from '../../../shared/core/steps.ts';
import { changesKey, turnKey } from '../../../shared/domain/table/keys.ts';
import type { Page, Store } from '../../../shared/ports/store.ts';
import {
  alice,
  type CoreFixture,
  openCoreFixture,
  project,
  type request,
} from '../../support/core-fixture.ts';
import { writesOf } from '../../support/intercepted-store.ts';
import { learning } from '../../support/scripted-model.ts';

const text = 'A heron nests by the mill.';
const minuteMs = 60_000;

/** Adds and refines a turn; `rest` of the request. */
const learn = async (service: CoreFixture, rest: Partial<ReturnType<typeof request>> = {}) => {
  service.model.next(learning(text));
  const { event, turn } = await service.add(text, rest.entities ?? alice, rest);
  await service.refine(rest.entities ?? alice);
  return { event, turn };
};

/** The texts that a list of events shows. */
const shown = async (platform: CoreFixture['platform']): Promise<string> => {
  const { events } = await listEvents(platform, project, { skip: 0, limit: 10, withTexts: true });
  return JSON.stringify(events.map(({ event, turn }) => [event.changes, turn?.messages]));
};

const hasCopy = (service: CoreFixture): boolean =>
  service.rows('CHANGES').some(({ item }) => 'said' in item);

/** A platform whose index of listings stays as it is now. */
const lagging = async ({ platform }: CoreFixture): Promise<CoreFixture['platform']> => {
  const pages = new Map<string, Page<never>>();
  const list: Store['list'] = async (range) => {
    const name = JSON.stringify(range);
    const page = pages.get(name) ?? ((await platform.store.list(range)) as Page<never>);
    pages.set(name, page);
    return page;
  };
  const behind = { ...platform, store: { ...platform.store, list } };
  await shown(behind);
  return behind;
};

describe('copies of the texts of events', () => {
  it('a list of events reads the texts of a refined turn from the listing alone', async () => {
    const service = openCoreFixture();
    const { event, turn } = await learn(service, { metadata: { shelf: 4 } });
    const kinds = new Set<string>();
    const actor = service.intercepted({
      before: ({ keys }) => {
        for (const { kind } of keys) kinds.add(kind);
      },
    });

    const { events } = await listEvents(actor, project, { skip: 0, limit: 10, withTexts: true });

    expect([...kinds].sort()).toEqual(['ERASED', 'QUOTA']);
    expect(events).toMatchObject([
      {
        isCut: false,
        event: { id: event, changes: [{ type: 'ADD', memory: turn, text }] },
        turn: { messages: [{ role: 'user', content: text }], metadata: { shelf: 4 } },
      },
    ]);
  });

  it('a deleted memory is in no list of events, not even while the index still has its copy', async () => {
    const service = openCoreFixture();
    const { turn } = await learn(service);
    const behind = await lagging(service);
    expect(await shown(behind)).toContain('heron');

    await deleteMemory(service.platform, project, turn);

    expect(hasCopy(service)).toBe(false);
    expect(await shown(behind)).not.toContain('heron');
    await service.clock.advance(6 * minuteMs);
    expect(await shown(service.platform)).not.toContain('heron');
  });

  it('a deletion that a crash interrupts hides the copy as soon as the memory is hidden', async () => {
    const service = openCoreFixture();
    const { turn } = await learn(service);
    const crashing = service.intercepted({
      after: ({ steps }) => {
        if (writesOf(steps, 'MEMORY').length > 0) throw new Error('crash');
      },
    });

    await expect(deleteMemory(crashing, project, turn)).rejects.toThrow('crash');

    expect(hasCopy(service)).toBe(true);
    expect(await shown(service.platform)).not.toContain('heron');
  });

  it('a delete-all hides the copies at once, and after its job while the index lags', async () => {
    const service = openCoreFixture();
    await learn(service);
    const behind = await lagging(service);

    await deleteAll(service.platform, project, alice);

    expect(hasCopy(service)).toBe(true);
    expect(await shown(behind)).not.toContain('heron');
    await service.work();
    expect(hasCopy(service)).toBe(false);
    expect(await shown(behind)).not.toContain('heron');
  });

  it('copies are read again some minutes after the deletion of another memory', async () => {
    const service = openCoreFixture();
    const { turn } = await learn(service);
    await learn(service, { entities: { user: 'bert' } });
    await deleteMemory(service.platform, project, turn);
    await service.clock.advance(6 * minuteMs);
    const kinds: string[] = [];
    const actor = service.intercepted({
      before: ({ keys }) => kinds.push(...keys.map(({ kind }) => kind)),
    });

    const texts = await shown(actor);

    // As the text of the other memory, and as what was said.
    expect(texts.match(/heron/g)).toHaveLength(2);
    // The event of the deleted memory has lost its copy, and is read by its turn.
    expect(kinds.filter((kind) => kind === 'TURN')).toHaveLength(1);
  });

  it('a copy that a version without copies left beside erased changes is not read', async () => {
    const service = openCoreFixture();
    const { event, turn } = await learn(service);
    const item = await service.store.get(changesKey(project, event));
    const changes = [{ type: 'ADD' as const, memory: turn, erased: true }];
    const emptied = { messages: [], metadata: {}, erased: true };
    await service.store.transact([
      put(changesKey(project, event), { ...item, changes, erasures: 1 }),
      update(turnKey(project, turn), emptied),
    ]);

    expect(hasCopy(service)).toBe(true);
    expect(await shown(service.platform)).not.toContain('heron');
  });

  it.each([
    [
      'a long turn',
      { messages: [{ role: 'user' as const, content: 'By the mill. '.repeat(200) }] },
      {},
    ],
    ['a turn that expires before its event', {}, { retainTurnsDays: 7 }],
  ])('no copy is made of %s, whose event is listed with its texts', async (_, rest, options) => {
    const service = openCoreFixture(options);
    await learn(service, rest);

    expect(hasCopy(service)).toBe(false);
    expect(await shown(service.platform)).toContain(text);
  });
});
