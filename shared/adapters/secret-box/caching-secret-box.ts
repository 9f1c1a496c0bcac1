import type { Clock } from '../../ports/clock.ts';
import type { SecretBox } from '../../ports/secret-box.ts';

/** How long a secret is kept in memory: endpoints get deliveries in bursts, and each call of a key service costs. */
const cacheTtlMs = 300_000;
const maxEntries = 1_000;

/**
 * Caching decorator of a secret box. Concurrent calls share one decryption; a failure is not cached. An entry is bound to
 * its owner, so the cache opens nothing that the box would refuse.
 */
export const createCachingSecretBox = (box: SecretBox, { now }: Pick<Clock, 'now'>): SecretBox => {
  /** By owner and sealed text, oldest first. */
  const cache = new Map<string, { secret: Promise<string>; expiresAt: number }>();

  const evict = (): void => {
    for (const [name, { expiresAt }] of cache) {
      if (expiresAt > now() && cache.size < maxEntries) return;
      cache.delete(name);
    }
  };

  return {
    seal: (secret, owner) => box.seal(secret, owner),
    async open(sealed, owner) {
      evict();
      const name = JSON.stringify([owner.project, owner.endpoint, sealed]);
      const cached = cache.get(name);
      if (cached) return cached.secret;
      const secret = box.open(sealed, owner);
      cache.set(name, { secret, expiresAt: now() + cacheTtlMs });
      try {
        return await secret;
      } catch (error) {
        cache.delete(name);
        throw error;
      }
    },
  };
};
