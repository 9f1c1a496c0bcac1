import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { ConsoleService } from './console-service.ts';

export interface ConsolePage {
  context: BrowserContext;
  page: Page;
  /** Errors of scripts, refusals of the content security policy, and requests to other hosts. */
  faults: string[];
  /** Shows a page of the console and waits until it has loaded. */
  show(fragment: string): Promise<void>;
}

interface Options {
  /** Key of the session; without one the page asks for it. */
  key?: string;
  width?: number;
  scheme?: 'light' | 'dark';
}

/** Opens the console in a browser of its own storage. */
export const openConsolePage = async (
  browser: Browser,
  { url }: ConsoleService,
  { key, width = 1280, scheme = 'light' }: Options = {},
): Promise<ConsolePage> => {
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    colorScheme: scheme,
  });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    const text = message.text();
    // Chromium reports every answer of 4xx here; the tests of the pages look at what is shown of it.
    if (message.type() === 'error' && !text.startsWith('Failed to load resource'))
      faults.push(text);
  });
  page.on('request', (request) => {
    if (!/^data:/.test(request.url()) && !request.url().startsWith(`${url}/`))
      faults.push(`request to ${request.url()}`);
  });
  if (key !== undefined)
    await page.addInitScript(`sessionStorage.setItem('turnstone.key', ${JSON.stringify(key)})`);
  return {
    context,
    page,
    faults,
    async show(fragment) {
      await page.goto(`${url}/console${fragment}`);
      await page.locator('h1').waitFor();
      await page.getByText('Loading…').first().waitFor({ state: 'detached' });
    },
  };
};
