import { type Delivery, isByHand } from '../../domain/delivery.ts';
import type { Endpoint } from '../../domain/endpoint.ts';
import { endpointKey, notificationKey } from '../../domain/keys.ts';
import type { Notification } from '../../domain/notification.ts';
import type { Dispatch } from '../../ports/platform.ts';
import type { Claim } from './admission.ts';
import { type Posted, post } from './post.ts';
import { type Letter, write } from './signing.ts';

/**
 * `untold`: there was nothing to post. `held`: its endpoint is paused or disabled by now. `late`: whoever was held up for
 * so long has lost the attempt to another.
 */
export type Made = Posted | 'untold' | 'held' | 'late';

/** What a letter is made of. */
interface Subject {
  endpoint: Endpoint;
  told: Notification;
}

const look = async (
  { store }: Dispatch,
  { project, notification, endpoint: id }: Delivery,
): Promise<Subject | undefined> => {
  const [endpoint, told] = await Promise.all([
    store.get(endpointKey(project, id)),
    store.get(notificationKey(project, notification)),
  ]);
  return endpoint && told && { endpoint, told };
};

const isSame = (one: Subject, other: Subject): boolean =>
  one.endpoint.version === other.endpoint.version && one.told.body === other.told.body;

type Ready = { letter: Letter; endpoint: Endpoint } | 'untold' | 'held';

/**
 * Looks once more, last of all, when the letter is written: what was changed or erased before that counts, and once a
 * pause, a disabling or a deletion is answered only that leaves which has had this look already.
 */
const makeReady = async (
  platform: Dispatch,
  delivery: Delivery,
  first: Subject,
): Promise<Ready> => {
  let before = first;
  for (;;) {
    const letter = await write(platform, before.endpoint, before.told);
    const now = await look(platform, delivery);
    if (!now) return 'untold';
    if (now.endpoint.status !== 'active' && !isByHand(delivery)) return 'held';
    if (isSame(before, now)) return letter ? { letter, endpoint: now.endpoint } : 'untold';
    before = now;
  }
};

/** Makes one claimed attempt. */
export const attempt = async (platform: Dispatch, claim: Claim): Promise<Made> => {
  const { delivery, endpoint, trigger } = claim;
  const { project, id, notification, attempts, leaseUntil = 0 } = delivery;
  const told = await platform.store.get(notificationKey(project, notification));
  const ready = told ? await makeReady(platform, delivery, { endpoint, told }) : 'untold';
  if (typeof ready === 'string') return ready;
  if (platform.clock.now() >= leaseUntil) return 'late';
  const which = { delivery: id, number: attempts, trigger };
  return post(platform, ready.endpoint, ready.letter, which);
};
