import type { Dispatch } from '../../ports/platform.ts';
import type { SecretBox, SecretOwner } from '../../ports/secret-box.ts';

/** What was opened is remembered so long, for a burst; no two things are sealed alike. */
const rememberedMs = 60_000;
const most = 1_000;

interface Opened {
  text: Promise<string>;
  until: number;
}

const opened = new WeakMap<SecretBox, Map<string, Opened>>();

const openedBy = (box: SecretBox, now: number): Map<string, Opened> => {
  const known = opened.get(box) ?? new Map<string, Opened>();
  opened.set(box, known);
  for (const [name, { until }] of known) {
    if (until > now && known.size < most) break;
    known.delete(name);
  }
  return known;
};

/** The text of what was sealed for an endpoint, opened once for a burst of attempts. */
export const openSealed = async (
  { secretBox, clock }: Pick<Dispatch, 'secretBox' | 'clock'>,
  sealed: string,
  owner: SecretOwner,
): Promise<string> => {
  const now = clock.now();
  const known = openedBy(secretBox, now);
  const name = JSON.stringify([owner.project, owner.endpoint, sealed]);
  const found = known.get(name);
  if (found) return found.text;
  const text = secretBox.open(sealed, owner);
  known.set(name, { text, until: now + rememberedMs });
  try {
    return await text;
  } catch (error) {
    known.delete(name);
    throw error;
  }
};
