import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll } from 'vitest';
import type { Permission } from '../../../shared/domain/project.ts';
import { launchChromium } from './chromium.ts';
import { type ConsolePage, openConsolePage } from './console-page.ts';
import { type ConsoleService, openConsoleService } from './console-service.ts';

/** Starts a browser and a service for the tests of a group, and closes the pages of each test after it. */
export const useConsole = () => {
  let running: { browser: Browser; service: ConsoleService };
  let opened: ConsolePage[] = [];

  beforeAll(async () => {
    const [browser, service] = await Promise.all([launchChromium(), openConsoleService()]);
    running = { browser, service };
  });
  afterEach(async () => {
    // Requests that a page still makes fail when it closes: handlers of routes that wait for them must not fail the run.
    await Promise.all(opened.map(({ page }) => page.unrouteAll({ behavior: 'ignoreErrors' })));
    await Promise.all(opened.map(({ context }) => context.close()));
    opened = [];
  });
  afterAll(async () => {
    await running.browser.close();
    await running.service.close();
  });

  const open = async (
    options: Parameters<typeof openConsolePage>[2] = {},
  ): Promise<ConsolePage> => {
    const page = await openConsolePage(running.browser, running.service, options);
    opened.push(page);
    return page;
  };

  return {
    service: () => running.service,
    open,
    /** Opens the console with a key that has these permissions. */
    signedIn: async (...permissions: Permission[]): Promise<ConsolePage> =>
      open({ key: await running.service.keyWith(...permissions) }),
  };
};
