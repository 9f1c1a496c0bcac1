import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { revokeKey } from '../../../shared/core/projects/api-keys.ts';
import { type Client, openService, type TestService } from '../../support/in-memory-service.ts';

const all = ['read', 'write', 'admin'] as const;

let service: TestService;
let admin: Client;
let projects = 0;

beforeAll(async () => {
  service = await openService({ refines: false });
});
afterAll(() => service.close());

/** Opens a new project, with `admin` as a client of it. */
const open = async (
  permissions: ConstructorParameters<typeof Set<(typeof all)[number]>>[0] = all,
) => {
  projects += 1;
  const name = `project ${projects}`;
  admin = await service.clientOf(name, [...(permissions ?? [])]);
  return name;
};

const create = (body: object, client = admin) => client('POST /v1/keys', { body });
const ping = async (key: string): Promise<number> =>
  (await service.send('GET /v1/ping/', { headers: { authorization: `Token ${key}` } })).status;

describe('a key made over HTTP', () => {
  it('a new key is shown once, is valid at once, and is listed without its secret', async () => {
    await open();

    const created = await create({ name: 'ci', permissions: ['read'] });
    const { key, ...rest } = created.body;
    const listed = await admin('GET /v1/keys');

    expect(created.status).toBe(201);
    expect(key).toMatch(/^ts_[0-9a-f]{16}_[0-9a-f]{64}$/);
    expect(rest).toEqual({
      id: key.split('_')[1],
      name: 'ci',
      prefix: key.slice(0, 11),
      permissions: ['read'],
      project_id: expect.stringMatching(/^proj_/),
      created_at: expect.any(String),
      revoked_at: null,
    });
    expect(await ping(key)).toBe(200);
    expect(listed.body).toMatchObject({ count: 2, next: null });
    expect(listed.body.results).toContainEqual(rest);
    expect(JSON.stringify(listed.body)).not.toContain(key.slice(-64));
  });

  it('a new key may read and write by default', async () => {
    await open();

    expect((await create({})).body.permissions).toEqual(['read', 'write']);
  });

  it.each([
    [['admin'], ['read']],
    [
      ['admin', 'read'],
      ['read', 'write'],
    ],
    [
      ['admin', 'write'],
      ['write', 'read', 'admin'],
    ],
    [['admin'], undefined],
  ] as const)(
    'a key with the permissions %j cannot create a key with %j',
    async (own, permissions) => {
      await open(own);

      const refused = await create(permissions ? { permissions } : {});

      expect(refused).toMatchObject({
        status: 403,
        body: { code: 'forbidden', field: 'permissions' },
      });
      expect((await admin('GET /v1/keys')).body.count).toBe(1);
    },
  );

  it.each([
    [{ permissions: ['owner'] }, 'permissions[0]'],
    [{ permissions: [] }, 'permissions'],
    [{ permissions: 'read' }, 'permissions'],
    [{ name: 'x'.repeat(201) }, 'name'],
    [{ name: 7 }, 'name'],
  ])('creating a key with %j is rejected', async (body, field) => {
    await open();

    expect(await create(body)).toMatchObject({ status: 400, body: { field } });
  });

  it('a project may have at most five hundred keys', async () => {
    await open();
    for (let n = 0; n < 499; n++) await create({ permissions: ['read'] });

    expect(await create({})).toMatchObject({ status: 409, body: { code: 'too_many_keys' } });
  });

  it('concurrent requests never create more keys than the quota allows', async () => {
    await open();
    const { quotas } = service.platform.policy;
    Object.assign(quotas, { keys: 4 });

    const made = await Promise.all(Array.from({ length: 10 }, () => create({})));

    Object.assign(quotas, { keys: 500 });
    expect(made.filter(({ status }) => status === 201)).toHaveLength(3);
    expect((await admin('GET /v1/keys')).body.count).toBe(4);
  });
});

describe('a key revoked over HTTP', () => {
  it('a key revoked over HTTP is rejected at once and stays listed as revoked', async () => {
    await open();
    const { key, id } = (await create({})).body;
    expect(await ping(key)).toBe(200);

    const revoked = await admin(`DELETE /v1/keys/${id}`);
    const again = await admin(`DELETE /v1/keys/${id}`);
    const listed = await admin('GET /v1/keys');

    expect([revoked.status, again.status]).toEqual([200, 200]);
    expect(revoked.body).toEqual({ id, revoked: true });
    expect(await ping(key)).toBe(401);
    expect(listed.body.results).toContainEqual(
      expect.objectContaining({ id, revoked_at: expect.any(String) }),
    );
  });

  it('a key of another project cannot be revoked', async () => {
    const theirs = await service.keyOf('strangers', ['read']);
    await open();

    const refused = await admin(`DELETE /v1/keys/${theirs.split('_')[1]}`);

    expect(refused).toMatchObject({ status: 404, body: { code: 'key_not_found' } });
    expect(await ping(theirs)).toBe(200);
  });

  it.each(['0123456789abcdef', 'x', 'ts_0123456789abcdef', 'x'.repeat(2_000), '..%2Fkeys'])(
    'revoking the unknown key id %s is answered with 404',
    async (id) => {
      await open();

      expect(await admin(`DELETE /v1/keys/${id}`)).toMatchObject({
        status: 404,
        body: { code: 'key_not_found' },
      });
    },
  );

  it('the last admin key of a project cannot be revoked', async () => {
    await open();
    const [own] = (await admin('GET /v1/keys')).body.results;
    await create({ permissions: ['read', 'write'] });

    const refused = await admin(`DELETE /v1/keys/${own.id}`);
    await create({ permissions: ['admin'] });
    const revoked = await admin(`DELETE /v1/keys/${own.id}`);

    expect(refused).toMatchObject({ status: 409, body: { code: 'last_admin_key' } });
    expect(revoked.status).toBe(200);
  });

  it('concurrent requests cannot revoke all admin keys of a project', async () => {
    await open();
    const made = await Promise.all([1, 2, 3].map(() => create({ permissions: ['admin'] })));
    const keys = made.map(({ body }) => body);
    const [own] = (await admin('GET /v1/keys')).body.results;
    await admin(`DELETE /v1/keys/${own.id}`);

    // Each key revokes the next one.
    const answers = await Promise.all(
      keys.map(({ key }, index) => {
        const headers = { authorization: `Token ${key}` };
        return service.send(`DELETE /v1/keys/${keys.at(index - 1).id}`, { headers });
      }),
    );

    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 401]);
  });
});

describe('an admin key that another process revoked', () => {
  it('a revoked key that this process still accepts makes and revokes no keys', async () => {
    await open();
    const own = (await create({ permissions: all })).body;
    const other = (await create({})).body;
    const revoked: Client = (request, call) =>
      service.send(request, { ...call, headers: { authorization: `Token ${own.key}` } });
    expect(await ping(own.key)).toBe(200);
    await revokeKey(service.platform, own.id);

    const stillRead = await revoked('GET /v1/keys');
    const refused = [await create({}, revoked), await revoked(`DELETE /v1/keys/${other.id}`)];

    expect(stillRead.status).toBe(200);
    for (const answer of refused)
      expect(answer).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
    expect(await ping(other.key)).toBe(200);
    expect((await admin('GET /v1/keys')).body.count).toBe(3);
  });
});

describe('the permission admin', () => {
  it.each(['GET /v1/keys', 'POST /v1/keys', 'DELETE /v1/keys/0123456789abcdef', 'GET /v1/usage'])(
    '%s requires the admin permission',
    async (request) => {
      const name = await open();
      const user = await service.clientOf(name, ['read', 'write']);

      expect(await user(request)).toMatchObject({
        status: 403,
        body: { code: 'forbidden', message: 'This API key has no admin permission.' },
      });
    },
  );

  it('the admin permission alone neither reads nor writes memories', async () => {
    await open(['admin']);

    const statuses = [
      await admin('GET /v1/events'),
      await admin('POST /v1/turns', { body: {} }),
      await admin('GET /v1/endpoints'),
    ].map(({ status }) => status);

    expect(statuses).toEqual([403, 403, 403]);
  });
});
