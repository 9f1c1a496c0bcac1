import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bundle, bundleAll, functionNames } from '../../infra/bundle.ts';
import { eagerLimits } from '../support/eager-limits.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder();
let bundles: Bundle[];
beforeAll(async () => {
  bundles = await bundleAll(folder.path);
});
afterAll(() => folder.remove());

describe('cold starts', () => {
  it.each(functionNames)('a cold start of the %s reads few bytes', (name) => {
    const eager = bundles.find((bundle) => bundle.name === name)?.eager;

    expect(eager).toBeGreaterThan(100_000);
    expect(eager).toBeLessThanOrEqual(eagerLimits[name]);
  });
});
