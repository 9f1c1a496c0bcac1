import type { Endpoint } from '../../domain/endpoint.ts';
import type { Item, Key } from '../../domain/items.ts';
import { secretKey } from '../../domain/keys.ts';
import type { Dispatch } from '../../ports/platform.ts';

/** Secrets that are valid now, newest first: those whose overlap is over count as absent. */
export const liveSecrets = async (
  { store }: Pick<Dispatch, 'store'>,
  { project, id }: Pick<Endpoint, 'project' | 'id'>,
): Promise<{ key: Key<'SECRET'>; item: Item<'SECRET'> }[]> => {
  const { pk } = secretKey(project, id, 0);
  return (await store.query({ kind: 'SECRET', pk, prefix: 'SECRET#', newestFirst: true })).items;
};

/** The same, to sign with. */
export const openSecrets = async (
  platform: Pick<Dispatch, 'store' | 'secretBox'>,
  endpoint: Pick<Endpoint, 'project' | 'id'>,
): Promise<string[]> => {
  const owner = { project: endpoint.project, endpoint: endpoint.id };
  const secrets = await liveSecrets(platform, endpoint);
  return Promise.all(secrets.map(({ item }) => platform.secretBox.open(item.sealed, owner)));
};
