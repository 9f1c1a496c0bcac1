import type { WebhookPlatform } from '../../ports/platform.ts';
import type { SecretBox, SecretOwner } from '../../ports/secret-box.ts';

/** What was opened is remembered so long, for a burst; no two things are sealed alike. */
const cacheTtlMs = 60_000;
const maxEntries = 1_000;

interface CachedPlaintext {
  text: Promise<string>;
  until: number;
}

const cache = new WeakMap<SecretBox, Map<string, CachedPlaintext>>();

const openedBy = (box: SecretBox, now: number): Map<string, CachedPlaintext> => {
  const known = cache.get(box) ?? new Map<string, CachedPlaintext>();
  cache.set(box, known);
  for (const [name, { until }] of known) {
    if (until > now && known.size < maxEntries) break;
    known.delete(name);
  }
  return known;
};

/** The text of what was sealed for an endpoint, opened once for a burst of attempts. */
export const decryptCached = async (
  { secretBox, clock }: Pick<WebhookPlatform, 'secretBox' | 'clock'>,
  sealed: string,
  owner: SecretOwner,
): Promise<string> => {
  const now = clock.now();
  const known = openedBy(secretBox, now);
  const name = JSON.stringify([owner.project, owner.endpoint, sealed]);
  const found = known.get(name);
  if (found) return found.text;
  const text = secretBox.open(sealed, owner);
  known.set(name, { text, until: now + cacheTtlMs });
  try {
    return await text;
  } catch (error) {
    known.delete(name);
    throw error;
  }
};
