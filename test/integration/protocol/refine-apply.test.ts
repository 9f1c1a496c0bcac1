import { describe, expect, it } from 'vitest';
import { getEvent } from '../../../shared/core/events.ts';
import { memoryKey, turnKey } from '../../../shared/domain/table/keys.ts';
import type { Step } from '../../../shared/ports/store.ts';
import {
  alice,
  type CoreFixture,
  openCoreFixture,
  project,
  textsOf,
} from '../../support/core-fixture.ts';
import { writesOf } from '../../support/intercepted-store.ts';
import { forgetting, learning } from '../../support/scripted-model.ts';

const everyone = { user: 'alice', agent: 'guide', run: 'r1' };

const isApply = (steps: readonly Step[]) => writesOf(steps, 'CHANGES').length > 0;

const eventOf = (service: CoreFixture, event: string) => getEvent(service.platform, project, event);

describe('an apply', () => {
  it('an apply is one transaction: memories, revisions, listings, turn, event, changes, work item with the plan, outbox', async () => {
    const service = openCoreFixture();
    await service.add('I live in Lisbon.', everyone);
    const transactions: (readonly Step[])[] = [];
    const worker = service.intercepted({ before: ({ steps }) => transactions.push(steps) });

    await service.refine(alice, worker);

    const whole = transactions.filter(isApply);
    const written = whole.flat().filter(({ op }) => op !== 'check');
    const kinds = written.map(({ key }) => key.kind).sort();
    const listings = ['LISTED', 'LISTED', 'LISTED', 'LISTED'];
    const rest = ['MEMORY', 'OUTBOX', 'PEND', 'REV', 'TURN'];
    expect(whole).toHaveLength(1);
    expect(kinds).toEqual(['CHANGES', 'EVENT', ...listings, ...rest]);
  });

  it('an apply lists its memories under every entity that the turn names', async () => {
    const service = openCoreFixture();

    await service.learn('I live in Lisbon.', everyone);
    await service.settle();

    for (const [kind, id] of Object.entries(everyone)) {
      expect(textsOf(await service.list({ [kind]: id }))).toEqual(['Learnt: I live in Lisbon.']);
      const found = await service.search('Lisbon', { [kind]: id });
      expect(textsOf(found)).toEqual(['Learnt: I live in Lisbon.']);
    }
    expect(textsOf(await service.list(everyone))).toEqual(['Learnt: I live in Lisbon.']);
  });

  it('each turn is applied by itself, in the order of acceptance', async () => {
    const service = openCoreFixture();
    const turns = [await service.add('one'), await service.add('two'), await service.add('three')];
    const applied: string[] = [];
    const worker = service.intercepted({
      before: ({ steps }) => {
        if (isApply(steps)) applied.push(...writesOf(steps, 'TURN').map(({ key }) => key.pk));
      },
    });

    await service.refine(alice, worker);

    expect(applied).toEqual(turns.map(({ turn }) => turnKey(project, turn).pk));
  });

  it('an apply whose answer was lost is found done, and nothing is doubled', async () => {
    const service = openCoreFixture();
    const { event } = await service.add('I live in Lisbon.');
    const worker = service.intercepted({
      after: ({ steps }) => {
        if (isApply(steps)) throw new Error('The connection was reset.');
      },
    });

    await expect(service.refine(alice, worker)).rejects.toThrow('reset');
    const after = await eventOf(service, event);
    await service.refine();

    expect(after).toMatchObject({ status: 'SUCCEEDED' });
    expect(await eventOf(service, event)).toEqual(after);
    expect(service.rows('MEMORY')).toHaveLength(1);
    expect(service.rows('OUTBOX')).toHaveLength(1);
  });

  it('the event of an applied turn says what was not learned, and why', async () => {
    const service = openCoreFixture();

    const { event } = await service.add('How are you?');
    await service.refine();

    expect(await eventOf(service, event)).toMatchObject({
      status: 'SUCCEEDED',
      changes: [{ type: 'NONE', reason: 'A question.' }],
    });
  });
});

describe('a fact that is repeated', () => {
  it('a fact repeated in another run is found under both runs, by list and by search, also long after', async () => {
    const service = openCoreFixture();
    await service.learn('I live in Lisbon.', { user: 'alice', run: 'r1' });
    await service.settle();

    await service.learn('I live in Lisbon.', { user: 'alice', run: 'r2' });

    const look = async () => {
      expect(service.rows('MEMORY')).toHaveLength(1);
      for (const run of ['r1', 'r2']) {
        expect(textsOf(await service.list({ run }))).toEqual(['Learnt: I live in Lisbon.']);
        const found = await service.search('Lisbon', { run });
        expect(textsOf(found)).toEqual(['Learnt: I live in Lisbon.']);
      }
      expect(textsOf(await service.list())).toEqual(['Learnt: I live in Lisbon.']);
    };
    await look();
    await service.settle();
    await look();
  });

  it('a fact repeated in the same run changes nothing', async () => {
    const service = openCoreFixture();
    const [memory = ''] = await service.learn('I live in Lisbon.');

    const again = await service.learn('I live in Lisbon.');

    expect(again).toEqual([]);
    expect(await service.store.get(memoryKey(project, memory))).toMatchObject({ version: 1 });
  });
});

describe('a turn with many changes', () => {
  it('a turn is applied as a whole, however many memories it deletes', async () => {
    const service = openCoreFixture();
    const owners = { user: 'alice', agent: 'guide', app: 'travel', run: 'r1' };
    const cities = ['Lisbon', 'Porto', 'Faro'];
    for (const city of cities) {
      const facts = Array.from({ length: 8 }, (_, n) => `Fact ${n} about ${city}.`);
      service.model.next(learning(...facts));
      await service.learn(`Much about ${city}.`, owners);
    }
    const events = [];
    for (const city of cities) events.push(await service.add(`Forget about ${city}.`, owners));
    service.model.next(forgetting('Fact'));

    await service.refine();

    const [first] = await Promise.all(events.map(({ event }) => eventOf(service, event)));
    const gone = first?.changes.filter(({ type }) => type === 'DELETE') ?? [];
    expect(first?.status).toBe('SUCCEEDED');
    expect(gone).toHaveLength(24);
    expect(await service.list()).toEqual([]);
    expect(textsOf(await service.search('Lisbon'))).toEqual(['Forget about Lisbon.']);
    await service.settle();
    expect(service.rows('LISTED')).toEqual([]);
  });

  it('a turn is applied as a whole, however many memories it confirms for another agent and run', async () => {
    const service = openCoreFixture();
    const cities = ['Lisbon', 'Porto', 'Faro'];
    const facts = cities.flatMap((city) =>
      Array.from({ length: 8 }, (_, n) => `Fact ${n} about ${city}.`),
    );
    service.model.next(learning(...facts));
    await service.learn('Much about Lisbon, Porto and Faro.');
    const elsewhere = { user: 'alice', agent: 'guide', app: 'travel', run: 'r1' };
    for (const city of cities) await service.add(`About ${city} again.`, elsewhere);
    service.model.next(learning(...facts));

    await service.refine();

    expect(service.rows('MEMORY')).toHaveLength(24);
    expect(textsOf(await service.list({ run: 'r1' }))).toEqual(facts.toSorted());
    expect(textsOf(await service.list(elsewhere))).toEqual(facts.toSorted());
  });
});
