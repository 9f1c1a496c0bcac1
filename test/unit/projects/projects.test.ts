import { describe, expect, it } from 'vitest';
import { openDatabase } from '../../../shared/adapters/sqlite/database.ts';
import { createSqliteStore } from '../../../shared/adapters/sqlite/store.ts';
import { createIds } from '../../../shared/adapters/system/ids.ts';
import { createKey, listKeys } from '../../../shared/core/projects/api-keys.ts';
import { findProject, getOrCreateProject } from '../../../shared/core/projects/projects.ts';
import type { Permission } from '../../../shared/domain/project.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const newDeps = () => {
  const clock = createManualClock();
  const database = openDatabase({ path: ':memory:' });
  return { clock, database, ids: createIds(clock), store: createSqliteStore({ database, clock }) };
};

const both: Permission[] = ['read', 'write'];

describe('a project', () => {
  it('a project is created once per name, in the organization of the installation', async () => {
    const service = newDeps();

    const [one, two] = await Promise.all([
      getOrCreateProject(service, 'shop'),
      getOrCreateProject(service, 'shop'),
    ]);
    const home = await getOrCreateProject(service);

    expect(two).toEqual(one);
    expect(one.id).not.toBe(home.id);
    expect(one.organization).toBe(home.organization);
    expect(await findProject(service, 'shop')).toEqual(one);
    expect(await findProject(service, one.id)).toEqual(one);
  });

  it('an unknown project id creates no project', async () => {
    const service = newDeps();

    const opening = getOrCreateProject(service, 'proj_0123456789abcdef');

    await expect(opening).rejects.toMatchObject({ code: 'unknown_project' });
  });

  it('a project lists only its own keys', async () => {
    const service = newDeps();
    const [one, two] = [
      await getOrCreateProject(service, 'one'),
      await getOrCreateProject(service, 'two'),
    ];
    const made = await createKey(service, one, { name: '', permissions: both });
    await createKey(service, two, { name: '', permissions: both });

    const keys = await listKeys(service, one.id);

    expect(keys.map(({ id }) => id)).toEqual([made.record.id]);
  });
});
