import { TerminalError } from '../../domain/errors.ts';
import { endpointKey, secretKey } from '../../domain/table/keys.ts';
import type { Endpoint } from '../../domain/webhooks/endpoint.ts';
import { maxSecrets, publicKeyOf } from '../../domain/webhooks/signature.ts';
import type { WebhookPlatform } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { commit } from '../commit.ts';
import { endpointIsAt, itemExists } from '../conditions.ts';
import { put, remove, update } from '../steps.ts';
import type { EndpointError } from './endpoint-request.ts';
import { makeSecret, type PlaintextSecret, toPlaintextSecret } from './make-secret.ts';
import { activeSecrets, decryptSecrets } from './signing-secrets.ts';

export type RevealedSecret = PlaintextSecret & {
  createdAt: number;
  /** Replaced, and valid until then. */
  expiresAt?: number;
};

/** An explicit look at what is otherwise shown once: the live secrets, newest first. */
export const revealSecrets = async (
  platform: WebhookPlatform,
  project: string,
  id: string,
): Promise<RevealedSecret[] | undefined> => {
  const { store, secretBox } = platform;
  if (!(await store.get(endpointKey(project, id)))) return undefined;
  const secrets = await activeSecrets(platform, { project, id });
  return Promise.all(
    secrets.map(async ({ item: { sealed, createdAt, expiresAt } }) => ({
      ...toPlaintextSecret(await secretBox.open(sealed, { project, endpoint: id })),
      createdAt,
      ...(expiresAt === undefined ? {} : { expiresAt }),
    })),
  );
};

const dayMs = 86_400_000;
const longestOverlapMs = 30 * dayMs;

type Rotated =
  | (PlaintextSecret & { outcome: 'rotated'; previousExpiresAt: number })
  | { outcome: 'not_found' }
  | { outcome: 'too_many' }
  | EndpointError;

/** The new secret signs at once; those before it go on for the overlap, or as long as they had left. */
const retire = (
  secrets: Awaited<ReturnType<typeof activeSecrets>>,
  now: number,
  overlapMs: number,
): Step[] =>
  secrets.map(({ key, item: { expiresAt = Number.POSITIVE_INFINITY } }) =>
    overlapMs === 0
      ? remove(key)
      : update(key, { expiresAt: Math.min(expiresAt, now + overlapMs) }, itemExists),
  );

/** The newest secret; undefined where the key that it was sealed with is lost. */
const openNewest = async (
  platform: WebhookPlatform,
  endpoint: Endpoint,
): Promise<string | undefined> => {
  try {
    const [newest = ''] = await decryptSecrets(platform, endpoint);
    return newest;
  } catch (error) {
    if (error instanceof TerminalError && error.code === 'secret_unreadable') return undefined;
    throw error;
  }
};

/**
 * One try; undefined when the endpoint was changed meanwhile. Secrets that cannot be opened can sign nothing: no overlap
 * keeps them.
 */
const rotate = async (
  platform: WebhookPlatform,
  endpoint: Endpoint,
  overlap: number,
  secret: string | undefined,
): Promise<Rotated | undefined> => {
  const { project, id, lastSecret, version } = endpoint;
  const live = await activeSecrets(platform, endpoint);
  if (live.some(({ item }) => item.number > lastSecret)) return undefined;
  const newest = await openNewest(platform, endpoint);
  const overlapMs = newest === undefined ? 0 : overlap;
  if (overlapMs > 0 && live.length >= maxSecrets) return { outcome: 'too_many' };
  const signing = publicKeyOf(newest ?? '') === undefined ? 'v1' : 'v1a';
  const made = makeSecret(platform.ids, { signing, ...(secret === undefined ? {} : { secret }) });
  if ('outcome' in made) return made;
  const now = platform.clock.now();
  const number = lastSecret + 1;
  const sealed = await platform.secretBox.seal(made.secret, { project, endpoint: id });
  const { committed } = await commit(platform, [
    update(
      endpointKey(project, id),
      { lastSecret: number, version: version + 1, updatedAt: now },
      endpointIsAt(version),
    ),
    put(secretKey(project, id, number), { number, sealed, createdAt: now }),
    ...retire(live, now, overlapMs),
  ]);
  return committed
    ? { outcome: 'rotated', ...made, previousExpiresAt: now + overlapMs }
    : undefined;
};

/**
 * Gives an endpoint a new secret, of the kind it has, or the customer's own. Answers it this once.
 * @param overlapMs how long those before it stay valid, at most 30 days; 0: dead at once
 */
export const rotateSecret = async (
  platform: WebhookPlatform,
  project: string,
  id: string,
  { overlapMs = dayMs, secret }: { overlapMs?: number; secret?: string } = {},
): Promise<Rotated> => {
  const overlap = Math.min(Math.max(0, overlapMs), longestOverlapMs);
  for (;;) {
    const endpoint = await platform.store.get(endpointKey(project, id));
    if (!endpoint) return { outcome: 'not_found' };
    const rotated = await rotate(platform, endpoint, overlap, secret);
    if (rotated) return rotated;
  }
};
