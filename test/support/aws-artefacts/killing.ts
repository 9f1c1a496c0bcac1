import type { Random } from '../simulation/random.ts';
import type { Call } from './aws-calls.ts';
import type { Interference } from './aws-proxy.ts';
import type { Deployment } from './deployment.ts';

export interface Killing {
  /** Whose environments are killed. */
  name: 'worker' | 'dispatcher';
  /** So many at most; after that nothing happens. */
  max: number;
  /** One of them is at such a call, before it is carried out. */
  surelyAt?(call: Call): boolean;
}

/**
 * Kills a function at some of its calls, as a crash would: before the call is carried out, or after, before it hears of
 * it.
 */
export const killing = (
  deployment: Deployment,
  random: Random,
  { name, max, surelyAt }: Killing,
) => {
  let killed = 0;
  let isOneOwed = surelyAt !== undefined;
  const interference: Interference = async (call, send) => {
    if (killed >= max || call.principal !== name || call.service !== 'dynamodb') return send();
    const isOwed = isOneOwed && surelyAt?.(call) === true;
    const isChosen = killed + Number(isOneOwed) < max && random.chance(0.15);
    if (!isOwed && !isChosen) return send();
    killed += 1;
    if (isOwed) isOneOwed = false;
    else if (random.chance(0.5)) await send();
    deployment.functionNamed(name).kill(call.environment);
    return undefined;
  };
  return { interference, count: () => killed };
};
