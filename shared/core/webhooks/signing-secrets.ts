import type { Item, Key } from '../../domain/table/items.ts';
import { secretKey } from '../../domain/table/keys.ts';
import type { Endpoint } from '../../domain/webhooks/endpoint.ts';
import { maxSecrets } from '../../domain/webhooks/signature.ts';
import type { WebhookPlatform } from '../../ports/platform.ts';
import { everyPage } from '../pagination.ts';
import { decryptCached } from './open-sealed.ts';

/** Secrets that are valid now, newest first: those whose overlap is over count as absent. */
export const activeSecrets = async (
  { store }: Pick<WebhookPlatform, 'store'>,
  { project, id }: Pick<Endpoint, 'project' | 'id'>,
): Promise<{ key: Key<'SECRET'>; item: Item<'SECRET'> }[]> => {
  const { pk } = secretKey(project, id, 0);
  const range = { kind: 'SECRET', pk, prefix: 'SECRET#', newestFirst: true } as const;
  return everyPage((from) => store.query({ ...range, ...from }));
};

/** No secret outlives its successor, so that those that live are the newest ones; gets are cheaper than a query. */
const newestSecrets = async (
  { store }: Pick<WebhookPlatform, 'store'>,
  { project, id, lastSecret }: Pick<Endpoint, 'project' | 'id' | 'lastSecret'>,
): Promise<Item<'SECRET'>[]> => {
  const numbers = Array.from({ length: maxSecrets }, (_, age) => lastSecret - age);
  const keys = numbers.flatMap((number) => (number > 0 ? [secretKey(project, id, number)] : []));
  return (await store.getMany(keys)).filter((item) => item !== undefined);
};

/** The same, to sign with, of an endpoint as it was read. One that was rotated since is looked for once more. */
export const decryptSecrets = async (
  platform: Pick<WebhookPlatform, 'store' | 'secretBox' | 'clock'>,
  endpoint: Pick<Endpoint, 'project' | 'id' | 'lastSecret'>,
): Promise<string[]> => {
  const owner = { project: endpoint.project, endpoint: endpoint.id };
  const newest = await newestSecrets(platform, endpoint);
  const secrets =
    newest.length > 0 ? newest : (await activeSecrets(platform, endpoint)).map(({ item }) => item);
  return Promise.all(secrets.map(({ sealed }) => decryptCached(platform, sealed, owner)));
};
