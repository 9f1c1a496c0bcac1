import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { chromiumPath, launchChromium } from '../support/browser/chromium.ts';
import { openConsolePage } from '../support/browser/console-page.ts';
import {
  type ConsoleService,
  consolePages,
  openConsoleService,
} from '../support/browser/console-service.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

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
  ...['memory', 'webhooks', 'endpoint', 'keys'],
];

describe.runIf(chromiumPath)('the accessibility of the console', () => {
  let browser: Browser;
  let service: ConsoleService;
  let key: string;

  beforeAll(async () => {
    [browser, service] = await Promise.all([launchChromium(), openConsoleService()]);
    key = await service.keyWith('read', 'write', 'admin');
  });
  afterAll(async () => {
    await browser.close();
    await service.close();
  });

  it('these tests look at every page', () => {
    expect(names).toEqual(Object.keys(consolePages(service)));
  });

  describe.each(['light', 'dark'] as const)('in %s colours', (scheme) => {
    it.each(['sign-in', ...names])('axe finds no violation on the page %s', async (name) => {
      const session = name === 'sign-in' ? {} : { key };
      const { page, show, context } = await openConsolePage(browser, service, {
        ...session,
        scheme,
      });
      await show(consolePages(service)[name] ?? '');
      for (const closed of await page.locator('details:not([open]) > summary').all())
        if (await closed.isVisible()) await closed.click();

      await page.evaluate(axe);
      const { passes, violations } = Result.parse(await page.evaluate(check));

      await context.close();
      expect(violations).toEqual([]);
      expect(passes).toBeGreaterThan(10);
    });
  });
});
