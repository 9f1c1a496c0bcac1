import { describe, expect, it } from 'vitest';
import { openDatabase } from '../../../shared/adapters/sqlite/database.ts';
import { createSqliteStore } from '../../../shared/adapters/sqlite/store.ts';
import { createIds } from '../../../shared/adapters/system/ids.ts';
import {
  createAuthenticator,
  createKey,
  listKeys,
  revokeKey,
} from '../../../shared/core/projects/api-keys.ts';
import {
  ensureDefaultProject,
  getOrCreateProject,
  listProjects,
} from '../../../shared/core/projects/projects.ts';
import type { Permission } from '../../../shared/domain/project.ts';
import { apiKeyKey } from '../../../shared/domain/table/keys.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const newDeps = () => {
  const clock = createManualClock();
  const database = openDatabase({ path: ':memory:' });
  return { clock, database, ids: createIds(clock), store: createSqliteStore({ database, clock }) };
};

const both: Permission[] = ['read', 'write'];
const preset = 'correct-horse-battery-staple';

describe('an API key', () => {
  it('an API key authenticates as its project with its permissions', async () => {
    const service = newDeps();
    const project = await getOrCreateProject(service, 'shop');
    const { key, record } = await createKey(service, project, {
      name: 'ci',
      permissions: ['read'],
    });

    const principal = await createAuthenticator(service)(key);

    expect(key).toMatch(/^ts_[0-9a-f]{16}_[0-9a-f]{64}$/);
    expect(principal).toEqual({
      key: record.id,
      organization: project.organization,
      project: project.id,
      permissions: ['read'],
    });
  });

  it('an API key is stored as a hash only, generated or preset', async () => {
    const service = newDeps();
    const { createdKey } = await ensureDefaultProject(service);
    await ensureDefaultProject(service, preset);

    const kept = service.database.connection
      .prepare('SELECT * FROM items')
      .all()
      .map((row) => JSON.stringify(row))
      .join('\n');

    expect(kept).toContain('preset');
    expect(kept).not.toContain(createdKey?.slice(-64));
    expect(kept).not.toContain(preset);
    expect(kept).not.toContain(preset.slice(0, 8));
  });

  it.each([
    ['another secret', (key: string) => key.slice(0, -1) + (key.endsWith('0') ? '1' : '0')],
    [
      'another id',
      (key: string) => key.replace(/^ts_./, (start) => (start === 'ts_0' ? 'ts_1' : 'ts_0')),
    ],
    ['more at its end', (key: string) => `${key}0`],
    ['less at its end', (key: string) => key.slice(0, -1)],
    ['nothing', () => ''],
    ['too much', (key: string) => key.repeat(100)],
    ['only its hash', (key: string) => key.slice(3, 19)],
  ])('an API key with %s is rejected', async (_, change) => {
    const service = newDeps();
    const { createdKey = '' } = await ensureDefaultProject(service);

    const authenticate = createAuthenticator(service);

    expect(await authenticate(createdKey)).toBeDefined();
    expect(await authenticate(change(createdKey))).toBeUndefined();
  });

  it('a revoked API key is rejected within 30 seconds and stays listed', async () => {
    const service = newDeps();
    const project = await getOrCreateProject(service);
    const { key, record } = await createKey(service, project, { name: '', permissions: both });
    const authenticate = createAuthenticator(service);
    await authenticate(key);

    const revoked = await revokeKey(service, record.id);
    await service.clock.advance(30_000);

    expect(revoked).toBe(true);
    expect(await authenticate(key)).toBeUndefined();
    expect(await listKeys(service, project.id)).toMatchObject([
      { id: record.id, revokedAt: expect.any(Number) },
    ]);
  });

  it('a key that was read from the store just before its revocation is rejected after 30 seconds', async () => {
    const service = newDeps();
    const project = await getOrCreateProject(service);
    const { key, record } = await createKey(service, project, { name: '', permissions: both });
    const authenticate = createAuthenticator(service);
    await authenticate(key);
    await revokeKey(service, record.id);

    await service.clock.advance(29_000);
    await authenticate(key);
    await service.clock.advance(1_000);

    expect(await authenticate(key)).toBeUndefined();
  });

  it('a key that this process revokes is rejected at once, even when it is being read meanwhile', async () => {
    const service = newDeps();
    const project = await getOrCreateProject(service);
    const made = [1, 2].map(() => createKey(service, project, { name: '', permissions: both }));
    const [{ key, record }, other] = await Promise.all(
      made as [(typeof made)[0], (typeof made)[0]],
    );
    let isRevoked = false;
    const store: typeof service.store = {
      ...service.store,
      async get(itemKey) {
        const item = await service.store.get(itemKey);
        if (!isRevoked) {
          isRevoked = true;
          await revokeKey(service, record.id);
          authenticate.forget(record.id);
        }
        return item;
      },
    };
    const authenticate = createAuthenticator({ ...service, store });

    // The look-up has read the key before its revocation.
    expect(await authenticate(key)).toBeDefined();

    expect(await authenticate(key)).toBeUndefined();
    expect(await authenticate(other.key)).toBeDefined();
  });

  it('a key that was tried before its creation is accepted a second later', async () => {
    const service = newDeps();
    await ensureDefaultProject(service);
    const authenticate = createAuthenticator(service);
    const early = await authenticate(preset);

    await ensureDefaultProject(service, preset);
    await service.clock.advance(1_000);

    expect(early).toBeUndefined();
    expect(await authenticate(preset)).toBeDefined();
  });

  it('a valid key stays cached however many wrong keys are tried', async () => {
    const service = newDeps();
    await ensureDefaultProject(service, preset);
    let lookUps = 0;
    const counting = {
      ...service.store,
      get: ((key) => {
        lookUps += key.pk.startsWith('K#') ? 1 : 0;
        return service.store.get(key);
      }) as typeof service.store.get,
    };
    const authenticate = createAuthenticator({ ...service, store: counting });
    await authenticate(preset);

    for (let i = 0; i < 3_000; i++) await authenticate(`wrong-key-number-${i}`);
    lookUps = 0;
    await authenticate(preset);

    expect(lookUps).toBe(0);
  });

  it('revoking an unknown id returns false and creates no key', async () => {
    const service = newDeps();

    const revoked = await revokeKey(service, '0123456789abcdef');

    expect(revoked).toBe(false);
    expect(await service.store.get(apiKeyKey('0123456789abcdef'))).toBeUndefined();
  });
});

describe('the default project', () => {
  it('the first start creates the default project and alone returns its key', async () => {
    const service = newDeps();

    const first = await ensureDefaultProject(service);
    const second = await ensureDefaultProject(service);

    expect(first.project.id).toMatch(/^proj_/);
    expect(first.project.organization).toMatch(/^org_/);
    expect(second).toEqual({ project: first.project });
    expect(await createAuthenticator(service)(first.createdKey ?? '')).toMatchObject({
      project: first.project.id,
    });
  });

  it('two concurrent starts create one default project with one key', async () => {
    const service = newDeps();

    const starts = await Promise.all([1, 2, 3].map(() => ensureDefaultProject(service)));

    const [one] = await listProjects(service);
    expect(await listProjects(service)).toHaveLength(1);
    expect(starts.map(({ project }) => project.id)).toEqual([one?.id, one?.id, one?.id]);
    expect(starts.filter(({ createdKey }) => createdKey)).toHaveLength(1);
    expect(await listKeys(service, one?.id ?? '')).toHaveLength(1);
  });

  it('a start with a preset key registers that key and generates none', async () => {
    const service = newDeps();

    const { project, createdKey } = await ensureDefaultProject(service, preset);
    await ensureDefaultProject(service, preset);

    expect(createdKey).toBeUndefined();
    expect(await createAuthenticator(service)(preset)).toMatchObject({
      permissions: ['read', 'write', 'admin'],
    });
    expect(await listKeys(service, project.id)).toHaveLength(1);
  });

  it('a new preset key replaces the old preset key and no other key', async () => {
    const service = newDeps();
    const { project, createdKey = '' } = await ensureDefaultProject(service);
    await ensureDefaultProject(service, preset);

    await ensureDefaultProject(service, 'another-string-of-mine');

    const authenticate = createAuthenticator(service);
    expect(await authenticate(preset)).toBeUndefined();
    expect(await authenticate('another-string-of-mine')).toMatchObject({ project: project.id });
    expect(await authenticate(createdKey)).toMatchObject({ project: project.id });
  });

  it('a start with a revoked preset key makes that key valid again', async () => {
    const service = newDeps();
    const { project } = await ensureDefaultProject(service, preset);
    const [record] = await listKeys(service, project.id);
    await revokeKey(service, record?.id ?? '');

    await ensureDefaultProject(service, preset);

    expect(await createAuthenticator(service)(preset)).toBeDefined();
  });

  it('a start with a key of another project as the preset key is rejected', async () => {
    const service = newDeps();
    const other = await getOrCreateProject(service, 'other');
    const { key } = await createKey(service, other, { name: '', permissions: both });

    const starting = ensureDefaultProject(service, key);

    await expect(starting).rejects.toMatchObject({ code: 'bad_setting' });
    expect(await createAuthenticator(service)(key)).toMatchObject({ project: other.id });
  });
});
