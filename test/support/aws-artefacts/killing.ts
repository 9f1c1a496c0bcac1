import type { Random } from '../../../shared/simulation/random.ts';
import type { Call } from './aws-calls.ts';
import type { Interference } from './aws-proxy.ts';
import type { Deployment } from './deployment.ts';

export interface Killing {
  /** Function whose environments are killed. */
  name: 'worker' | 'dispatcher';
  /** Most kills; afterwards calls pass unchanged. */
  max: number;
  /** One of the kills happens at such a call, before its execution. */
  surelyAt?(call: Call): boolean;
}

/**
 * Builds an interference that kills a function at some of its calls, like a crash: before the call is executed, or
 * after the execution and before the response.
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
