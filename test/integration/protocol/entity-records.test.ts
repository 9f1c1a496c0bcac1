import { expect, it } from 'vitest';
import { readCutoffs } from '../../../shared/core/cutoffs.ts';
import { deleteAll } from '../../../shared/core/erasure/delete-all.ts';
import { alice, openCoreFixture, project, textsOf } from '../../support/core-fixture.ts';

const bob = { user: 'bob' };

it('turns of many users read the record of their kind twice, then its epoch', async () => {
  const service = openCoreFixture();
  const read: string[] = [];
  const actor = service.intercepted({
    before: ({ keys }) => {
      for (const { kind, sk } of keys) if (kind === 'ENTITY') read.push(sk);
    },
  });

  for (const user of ['alice', 'bob', 'cleo']) {
    await service.accept({
      entities: { user },
      messages: [{ role: 'user', content: 'I live in Lisbon.' }],
      metadata: {},
      options: { infer: true },
    });
    await service.refine({ user }, actor);
  }

  expect(read.filter((sk) => sk === 'user#*')).toHaveLength(2);
  expect(read).toEqual(expect.arrayContaining(['user#alice', 'user#bob', 'user#cleo']));
});

it('a process that has read the records of a kind sees a delete-all of the kind by another process at once', async () => {
  const service = openCoreFixture();
  await service.learn('I live in Lisbon.', alice);
  await service.learn('I live in Porto.', bob);
  const other = service.intercepted({});
  for (let time = 0; time < 3; time++)
    expect(textsOf(await service.list(alice, other))).toHaveLength(1);

  await deleteAll(service.platform, project, { user: '*' });

  expect(await service.list(alice, other)).toEqual([]);
  expect(await service.list(bob, other)).toEqual([]);
  const { cutoffs } = await readCutoffs(other, project, [{ entities: bob }]);
  expect(cutoffs).toMatchObject([{ match: { user: '*' } }]);
});

it('a user whose id ends like the name of a kind has a record of its own, which is read each time', async () => {
  const service = openCoreFixture();
  const odd = { user: 'team#*' };
  await service.learn('I live in Lisbon.', odd);
  const other = service.intercepted({});
  for (let time = 0; time < 3; time++) expect(await service.list(odd, other)).toHaveLength(1);

  await deleteAll(service.platform, project, odd);

  expect(await service.list(odd, other)).toEqual([]);
});
