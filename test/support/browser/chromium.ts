import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Browsers of distributions; the packages of Playwright bring none. */
const candidates = [
  process.env['CHROMIUM'] ?? '',
  '/usr/bin/chromium',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Chromium of this machine, if it has one. */
export const chromiumPath: string | undefined = candidates.find(
  (path) => path !== '' && existsSync(path),
);

/** Starts the browser. As root it has no sandbox, so that it runs in containers. */
export const launchChromium = (): Promise<Browser> => {
  if (chromiumPath === undefined)
    throw new Error('There is no Chromium: install it, or set CHROMIUM to its path.');
  return chromium.launch({
    executablePath: chromiumPath,
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
};
