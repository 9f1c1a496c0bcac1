import { mkdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { root } from '../repository.ts';
import { launchChromium } from './chromium.ts';
import { openConsolePage } from './console-page.ts';
import { type ConsoleService, consolePages, openConsoleService } from './console-service.ts';

const widths = [1280, 390];
const schemes = ['light', 'dark'] as const;

/** Actions of a visitor on a page, whose outcome the pictures show. */
const prepare: { readonly [page: string]: (page: Page) => Promise<void> } = {
  playground: async (page) => {
    await page.getByLabel('Question').fill('Where does the user live?');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.getByText('Why this score').first().click();
    await page.getByText('What an agent would get').waitFor();
  },
  proof: async (page) => {
    await page.getByRole('button', { name: 'Run to the end' }).click();
    await page.getByText('The run is over').waitFor();
  },
  endpoint: async (page) => {
    await page.locator('details.card summary').last().click();
    await page.getByText('Request and answer').waitFor();
  },
};

const folderOf = (argument: string | undefined): string => {
  if (argument === undefined) throw new Error('Usage: npm run screenshots -- <folder>');
  const folder = resolve(argument);
  if (!relative(root, folder).startsWith('..'))
    throw new Error('The folder must be outside of the repository.');
  mkdirSync(folder, { recursive: true });
  return folder;
};

const scenes = widths.flatMap((width) => schemes.map((scheme) => ({ width, scheme })));

/** Writes a picture of each page for one width and one scheme of colours; returns their number. */
const shoot = async (
  browser: Browser,
  service: ConsoleService,
  folder: string,
  scene: (typeof scenes)[number],
): Promise<number> => {
  const key = await service.keyWith('read', 'write', 'admin');
  const { page, show, context } = await openConsolePage(browser, service, { key, ...scene });
  const pages = Object.entries(consolePages(service));
  for (const [name, fragment] of pages) {
    await show(fragment);
    await prepare[name]?.(page);
    const path = join(folder, `${name}-${scene.width}-${scene.scheme}.png`);
    await page.screenshot({ path, fullPage: true, animations: 'disabled' });
  }
  await context.close();
  return pages.length;
};

// npm run screenshots -- <folder>: pictures of each page of the console, wide and narrow, light and dark.
const folder = folderOf(process.argv[2]);
const browser = await launchChromium();
const service = await openConsoleService();
let count = 0;
for (const scene of scenes) count += await shoot(browser, service, folder, scene);
await browser.close();
await service.close();
process.stdout.write(`${count} pictures in ${folder}\n`);
