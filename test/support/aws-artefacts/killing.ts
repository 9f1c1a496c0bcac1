import type { Random } from '../simulation/random.ts';
import type { Interference } from './aws-proxy.ts';
import type { Deployment } from './deployment.ts';

/**
 * Kills a worker at some of its calls, as a crash would: before the call is carried out, or after, before it hears of it.
 * @param most kills; after that nothing happens
 */
export const killing = (deployment: Deployment, random: Random, most: number) => {
  let killed = 0;
  const interference: Interference = async (call, send) => {
    const isChosen =
      killed < most &&
      call.principal === 'worker' &&
      call.service === 'dynamodb' &&
      random.chance(0.15);
    if (!isChosen) return send();
    killed += 1;
    if (random.chance(0.5)) await send();
    deployment.functionNamed('worker').kill(call.environment);
    return undefined;
  };
  return { interference, count: () => killed };
};
