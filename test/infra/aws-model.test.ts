import { expect, it } from 'vitest';
import { functionSizes } from '../../infra/function-sizes.ts';
import { readDeployment } from '../../shared/platform/config/config-deploy.ts';
import { assumed } from '../support/aws-model/assumptions.ts';

it('the model of AWS has functions of the sizes and with the concurrency of the stack', () => {
  const sizes = Object.entries(functionSizes).map(([name, { memorySize, timeout }]) => [
    name,
    { memoryMb: memorySize, timeoutMs: timeout.toMilliseconds() },
  ]);
  const modelled = Object.entries(assumed.sizes).map(([name, { memoryMb, timeoutMs }]) => [
    name,
    { memoryMb, timeoutMs },
  ]);

  expect(Object.fromEntries(modelled)).toEqual(Object.fromEntries(sizes));
  expect(readDeployment({}, {})).toMatchObject({
    workers: assumed.sizes.worker.maxConcurrency,
    dispatchers: assumed.sizes.dispatcher.maxConcurrency,
  });
});
