import { expect, it } from 'vitest';
import { functionSizes } from '../../infra/function-sizes.ts';
import { readDeployment } from '../../shared/platform/config/config-deploy.ts';
import { assumed } from '../support/aws-model/assumptions.ts';

it('the model of AWS has functions of the sizes of the stack, with a concurrency that can be set', () => {
  const sizes = Object.entries(functionSizes).map(([name, { memorySize, timeout }]) => [
    name,
    { memoryMb: memorySize, timeoutMs: timeout.toMilliseconds() },
  ]);
  const modelled = Object.entries(assumed.sizes).map(([name, { memoryMb, timeoutMs }]) => [
    name,
    { memoryMb, timeoutMs },
  ]);

  expect(Object.fromEntries(modelled)).toEqual(Object.fromEntries(sizes));
  const { worker, dispatcher } = assumed.sizes;
  const set = {
    DEPLOY_WORKERS: String(worker.maxConcurrency),
    DEPLOY_DISPATCHERS: String(dispatcher.maxConcurrency),
  };
  expect(readDeployment(set, {})).toMatchObject({
    workers: worker.maxConcurrency,
    dispatchers: dispatcher.maxConcurrency,
  });
});
