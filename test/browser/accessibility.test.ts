import axe from 'axe-core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { chromiumPath } from '../support/browser/chromium.ts';
import { consolePages } from '../support/browser/console-service.ts';
import { useConsole } from '../support/browser/use-console.ts';

const Result = z.object({
  passes: z.number(),
  violations: z.array(z.object({ id: z.string(), nodes: z.array(z.string()) })),
});

/** Runs in the page. */
const check = `axe.run().then(({ passes, violations }) => ({
  passes: passes.length,
  violations: violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html }) => html) })),
}))`;

const names = [
  ...['overview', 'playground', 'events', 'event', 'memories'],
  ...['memory', 'webhooks', 'endpoint', 'keys', 'proof'],
];

describe.runIf(chromiumPath)('the accessibility of the documentation', () => {
  const { open, service } = useConsole();

  describe.each(['light', 'dark'] as const)('in %s colours', (scheme) => {
    it.each(['', '/api', '/webhooks', '/benchmarks', '/reference-memories'])(
      'axe finds no violation on the page /docs%s, and the page requests nothing of another host',
      async (path) => {
        const { page } = await open({ scheme });
        const hosts = new Set<string>();
        page.on('request', (request) => hosts.add(new URL(request.url()).origin));
        await page.goto(`${service().url}/docs${path}`);

        // The policy of the page allows no script, so the check is evaluated by the browser.
        const { passes, violations } = Result.parse(await page.evaluate(`${axe.source};${check}`));

        expect(violations).toEqual([]);
        expect(passes).toBeGreaterThan(10);
        expect([...hosts]).toEqual([service().url]);
      },
    );
  });
});

describe.runIf(chromiumPath)('the accessibility of the console', () => {
  const { open, service } = useConsole();

  it('these tests look at every page', () => {
    expect(names).toEqual(Object.keys(consolePages(service())));
  });

  describe.each(['light', 'dark'] as const)('in %s colours', (scheme) => {
    it.each(['sign-in', ...names])('axe finds no violation on the page %s', async (name) => {
      const key = await service().keyWith('read', 'write', 'admin');
      const { page, show } = await open(name === 'sign-in' ? { scheme } : { key, scheme });
      await show(consolePages(service())[name] ?? '');
      for (const closed of await page.locator('details:not([open]) > summary').all())
        if (await closed.isVisible()) await closed.click();

      await page.evaluate(axe.source);
      const { passes, violations } = Result.parse(await page.evaluate(check));

      expect(violations).toEqual([]);
      expect(passes).toBeGreaterThan(10);
    });

    it.each([
      ['', 'The run is over'],
      ['&broken=1', 'broke an invariant'],
    ])('axe finds no violation on the page proof%s at its end', async (query, outcome) => {
      const key = await service().keyWith('read');
      const { page, show } = await open({ key, scheme });
      await show(`#/proof?seed=10${query}`);
      await page.getByRole('button', { name: 'Run to the end' }).click();
      await page.getByText(outcome).waitFor();

      await page.evaluate(axe.source);
      const { passes, violations } = Result.parse(await page.evaluate(check));

      expect(violations).toEqual([]);
      expect(passes).toBeGreaterThan(10);
    });
  });
});
