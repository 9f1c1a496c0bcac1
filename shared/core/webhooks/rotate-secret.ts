import { TerminalError } from '../../domain/errors.ts';
import { endpointKey, secretKey } from '../../domain/table/keys.ts';
import { dayMs } from '../../domain/time.ts';
import type { Endpoint } from '../../domain/webhooks/endpoint.ts';
import {
  formatKeyPair,
  formatSecret,
  isSecret,
  maxSecrets,
  publicKeyOf,
} from '../../domain/webhooks/signature.ts';
import type { Ids } from '../../ports/ids.ts';
import type { WebhookPlatform } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { commit } from '../commit.ts';
import { itemExists } from '../conditions.ts';
import { put, remove, update } from '../steps.ts';
import { endpointIsAt } from './conditions.ts';
import { type EndpointError, invalid } from './endpoint-request.ts';
import { activeSecrets, decryptSecrets } from './signing-secrets.ts';

/** A secret in the clear, shown when it is created or on explicit request. */
export interface PlaintextSecret {
  secret: string;
  /** The key receivers verify with, when signatures are made with a key pair. */
  publicKey?: string;
}

export type RevealedSecret = PlaintextSecret & {
  createdAt: number;
  /** Set on a secret that was replaced: valid until then. */
  expiresAt?: number;
};

const toPlaintextSecret = (secret: string): PlaintextSecret => {
  const publicKey = publicKeyOf(secret);
  return { secret, ...(publicKey === undefined ? {} : { publicKey }) };
};

/** Generates a secret for signatures of that version, or validates the customer's own. */
export const makeSecret = (
  ids: Ids,
  { secret, signing = 'v1' }: { secret?: string; signing?: 'v1' | 'v1a' },
): PlaintextSecret | EndpointError => {
  if (secret === undefined) {
    const random = Buffer.from(ids.secret(32), 'hex');
    return toPlaintextSecret(signing === 'v1' ? formatSecret(random) : formatKeyPair(random));
  }
  if (isSecret(secret)) return toPlaintextSecret(secret);
  return invalid(
    'secret',
    'bad_secret',
    'A secret is whsec_ and standard base64 of 24 to 64 bytes, or whsk_ and that of an Ed25519 key pair.',
  );
};

/** Returns the valid secrets in the clear, newest first; undefined when there is no such endpoint. */
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

const maxOverlapMs = 30 * dayMs;

type Rotated =
  | (PlaintextSecret & { outcome: 'rotated'; previousExpiresAt: number })
  | { outcome: 'not_found' }
  | { outcome: 'too_many' }
  | EndpointError;

/** Expires older secrets after the overlap, or earlier if they were to expire earlier. */
const expireWrites = (
  secrets: Awaited<ReturnType<typeof activeSecrets>>,
  now: number,
  overlapMs: number,
): Step[] =>
  secrets.map(({ key, item: { expiresAt = Number.POSITIVE_INFINITY } }) =>
    overlapMs === 0
      ? remove(key)
      : update(key, { expiresAt: Math.min(expiresAt, now + overlapMs) }, itemExists),
  );

/** Returns the newest secret; undefined when the key that sealed it is lost. */
const decryptNewest = async (
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
 * Tries once; undefined when the endpoint was changed meanwhile. Secrets that cannot be decrypted are deleted at once,
 * whatever the overlap: nothing can be signed with them.
 */
const tryRotate = async (
  platform: WebhookPlatform,
  endpoint: Endpoint,
  overlap: number,
  secret: string | undefined,
): Promise<Rotated | undefined> => {
  const { project, id, lastSecret, version } = endpoint;
  const active = await activeSecrets(platform, endpoint);
  if (active.some(({ item }) => item.number > lastSecret)) return undefined;
  const newest = await decryptNewest(platform, endpoint);
  const overlapMs = newest === undefined ? 0 : overlap;
  if (overlapMs > 0 && active.length >= maxSecrets) return { outcome: 'too_many' };
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
    ...expireWrites(active, now, overlapMs),
  ]);
  return committed
    ? { outcome: 'rotated', ...made, previousExpiresAt: now + overlapMs }
    : undefined;
};

/**
 * Gives an endpoint a new secret, of the kind it has, or the customer's own, and returns it. The new secret signs at once;
 * older ones also sign during the overlap. Concurrent rotations are serialised by the endpoint's version. A retry after an
 * unknown outcome may rotate twice.
 * @param overlapMs how long older secrets stay valid, at most 30 days; with 0 they expire at once
 */
export const rotateSecret = async (
  platform: WebhookPlatform,
  project: string,
  id: string,
  { overlapMs = dayMs, secret }: { overlapMs?: number; secret?: string } = {},
): Promise<Rotated> => {
  const overlap = Math.min(Math.max(0, overlapMs), maxOverlapMs);
  for (;;) {
    const endpoint = await platform.store.get(endpointKey(project, id));
    if (!endpoint) return { outcome: 'not_found' };
    const rotated = await tryRotate(platform, endpoint, overlap, secret);
    if (rotated) return rotated;
  }
};
