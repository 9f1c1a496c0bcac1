import { describe, expect, it } from 'vitest';
import { getEvent } from '../../../shared/core/events.ts';
import { memoryKey, turnKey } from '../../../shared/domain/table/keys.ts';
import type { Step } from '../../../shared/ports/store.ts';
import { writesOf } from '../../support/intercepted-store.ts';
import { forgetting, learning } from '../../support/scripted-model.ts';
import { alice, openWorld, project, textsOf, type World } from '../../support/world.ts';

const everyone = { user: 'alice', agent: 'guide', run: 'r1' };

const isApply = (steps: readonly Step[]) => writesOf(steps, 'CHANGES').length > 0;

const eventOf = (world: World, event: string) => getEvent(world.platform, project, event);

describe('an apply', () => {
  it('is one transaction: memories, revisions, listings, turn, event, changes, work item, plan, outbox', async () => {
    const world = openWorld();
    await world.add('I live in Lisbon.', everyone);
    const transactions: (readonly Step[])[] = [];
    const worker = world.intercepted({ before: ({ steps }) => transactions.push(steps) });

    await world.refine(alice, worker);

    const whole = transactions.filter(isApply);
    const written = whole.flat().filter(({ op }) => op !== 'check');
    const kinds = written.map(({ key }) => key.kind).sort();
    const listings = ['FILED', 'FILED', 'FILED', 'FILED'];
    const rest = ['MEMORY', 'OUTBOX', 'PEND', 'PLAN', 'REV', 'TURN'];
    expect(whole).toHaveLength(1);
    expect(kinds).toEqual(['CHANGES', 'EVENT', ...listings, ...rest]);
  });

  it('files what it learnt under every entity the turn names', async () => {
    const world = openWorld();

    await world.learn('I live in Lisbon.', everyone);
    await world.settle();

    for (const [kind, id] of Object.entries(everyone)) {
      expect(textsOf(await world.list({ [kind]: id }))).toEqual(['Learnt: I live in Lisbon.']);
      const found = await world.search('Lisbon', { [kind]: id });
      expect(textsOf(found)).toEqual(['Learnt: I live in Lisbon.']);
    }
    expect(textsOf(await world.list(everyone))).toEqual(['Learnt: I live in Lisbon.']);
  });

  it('comes for each turn by itself, in the order they were accepted', async () => {
    const world = openWorld();
    const turns = [await world.add('one'), await world.add('two'), await world.add('three')];
    const applied: string[] = [];
    const worker = world.intercepted({
      before: ({ steps }) => {
        if (isApply(steps)) applied.push(...writesOf(steps, 'TURN').map(({ key }) => key.pk));
      },
    });

    await world.refine(alice, worker);

    expect(applied).toEqual(turns.map(({ turn }) => turnKey(project, turn).pk));
  });

  it('whose answer was lost is found done: nothing is doubled', async () => {
    const world = openWorld();
    const { event } = await world.add('I live in Lisbon.');
    const worker = world.intercepted({
      after: ({ steps }) => {
        if (isApply(steps)) throw new Error('The connection was reset.');
      },
    });

    await expect(world.refine(alice, worker)).rejects.toThrow('reset');
    const after = await eventOf(world, event);
    await world.refine();

    expect(after).toMatchObject({ status: 'SUCCEEDED' });
    expect(await eventOf(world, event)).toEqual(after);
    expect(world.rows('MEMORY')).toHaveLength(1);
    expect(world.rows('OUTBOX')).toHaveLength(2);
  });

  it('tells what was not learnt, and why', async () => {
    const world = openWorld();

    const { event } = await world.add('How are you?');
    await world.refine();

    expect(await eventOf(world, event)).toMatchObject({
      status: 'SUCCEEDED',
      changes: [{ type: 'NONE', reason: 'A question.' }],
    });
  });
});

describe('a fact that is told again', () => {
  it('in another run is found under both, by list and by search, also long after', async () => {
    const world = openWorld();
    await world.learn('I live in Lisbon.', { user: 'alice', run: 'r1' });
    await world.settle();

    await world.learn('I live in Lisbon.', { user: 'alice', run: 'r2' });

    const look = async () => {
      expect(world.rows('MEMORY')).toHaveLength(1);
      for (const run of ['r1', 'r2']) {
        expect(textsOf(await world.list({ run }))).toEqual(['Learnt: I live in Lisbon.']);
        const found = await world.search('Lisbon', { run });
        expect(textsOf(found)).toEqual(['Learnt: I live in Lisbon.']);
      }
      expect(textsOf(await world.list())).toEqual(['Learnt: I live in Lisbon.']);
    };
    await look();
    await world.settle();
    await look();
  });

  it('in the same run changes nothing', async () => {
    const world = openWorld();
    const [memory = ''] = await world.learn('I live in Lisbon.');

    const again = await world.learn('I live in Lisbon.');

    expect(again).toEqual([]);
    expect(await world.store.get(memoryKey(project, memory))).toMatchObject({ version: 1 });
  });
});

describe('a turn that takes back a lot', () => {
  it('is applied whole, however many memories it deletes', async () => {
    const world = openWorld();
    const owners = { user: 'alice', agent: 'guide', app: 'travel', run: 'r1' };
    const cities = ['Lisbon', 'Porto', 'Faro'];
    for (const city of cities) {
      const facts = Array.from({ length: 8 }, (_, n) => `Fact ${n} about ${city}.`);
      world.model.next(learning(...facts));
      await world.learn(`Much about ${city}.`, owners);
    }
    const events = [];
    for (const city of cities) events.push(await world.add(`Forget about ${city}.`, owners));
    world.model.next(forgetting('Fact'));

    await world.refine();

    const [first] = await Promise.all(events.map(({ event }) => eventOf(world, event)));
    const gone = first?.changes.filter(({ type }) => type === 'DELETE') ?? [];
    expect(first?.status).toBe('SUCCEEDED');
    expect(gone).toHaveLength(24);
    expect(await world.list()).toEqual([]);
    expect(await world.search('Lisbon')).toEqual([]);
    expect(world.rows('FILED')).toEqual([]);
  });

  it('is applied whole, however many memories it is told again for another agent and run', async () => {
    const world = openWorld();
    const cities = ['Lisbon', 'Porto', 'Faro'];
    const facts = cities.flatMap((city) =>
      Array.from({ length: 8 }, (_, n) => `Fact ${n} about ${city}.`),
    );
    world.model.next(learning(...facts));
    await world.learn('Much about Lisbon, Porto and Faro.');
    const elsewhere = { user: 'alice', agent: 'guide', app: 'travel', run: 'r1' };
    for (const city of cities) await world.add(`About ${city} again.`, elsewhere);
    world.model.next(learning(...facts));

    await world.refine();

    expect(world.rows('MEMORY')).toHaveLength(24);
    expect(textsOf(await world.list({ run: 'r1' }))).toEqual(facts.toSorted());
    expect(textsOf(await world.list(elsewhere))).toEqual(facts.toSorted());
  });
});
