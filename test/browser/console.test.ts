import { describe, expect, it } from 'vitest';
import { chromiumPath } from '../support/browser/chromium.ts';
import { consolePages, hostileText } from '../support/browser/console-service.ts';
import { useConsole } from '../support/browser/use-console.ts';

describe.runIf(chromiumPath)('the console in Chromium', () => {
  const { open, signedIn, service } = useConsole();

  describe('the session', () => {
    it('a valid key signs in by keyboard alone, and survives a reload of its tab', async () => {
      const { page, show } = await open();
      await show('');

      await page.getByLabel('API key').focus();
      await page.keyboard.type(await service().keyWith('read', 'write', 'admin'));
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Overview' }).waitFor();
      await page.reload();

      await page.getByRole('heading', { name: 'Overview' }).waitFor();
      expect(
        await page.evaluate('[sessionStorage.length, localStorage.length, document.cookie]'),
      ).toEqual([1, 0, '']);
    });

    it('an invalid key is refused with the sentence of the API', async () => {
      const { page, show } = await open();
      await show('');

      await page.getByLabel('API key').fill('ts_wrong');
      await page.getByRole('button', { name: 'Sign in' }).click();

      expect(await page.getByRole('alert').textContent()).toBe('Invalid API key.');
    });

    it('a key that is revoked while it is in use ends the session and says why', async () => {
      const admin = await service().clientOf('default', ['admin']);
      const { body: created } = await admin('POST /v1/keys', { body: { permissions: ['admin'] } });
      const { page, show } = await open({ key: created.key });
      await show('#/keys');

      await admin(`DELETE /v1/keys/${created.id}`);
      await page.getByRole('link', { name: 'Overview' }).click();

      await page.getByLabel('API key').waitFor();
      expect(await page.getByRole('alert').textContent()).toBe('Invalid API key.');
    });

    it('signing out forgets the key', async () => {
      const { page, show } = await signedIn('read');
      await show('#/events');

      await page.getByRole('button', { name: 'Sign out' }).click();

      await page.getByLabel('API key').waitFor();
      expect(await page.evaluate('sessionStorage.length')).toBe(0);
    });
  });

  describe('a key with the permission to read alone', () => {
    it('a key that may only read sees no control that writes, on any page', async () => {
      const { page, show, faults } = await signedIn('read');
      const controls =
        /say|save|delete|cancel|retry|resend|pause|resume|test|rotate|recover|register|create|revoke/i;

      const found: string[] = [];
      for (const fragment of Object.values(consolePages(service()))) {
        await show(fragment);
        const names = await page.locator('button, summary').allTextContents();
        found.push(...names.filter((name) => controls.test(name) && !/attempt/.test(name)));
      }

      expect(found).toEqual([]);
      expect(faults).toEqual([]);
    });
  });

  describe('untrusted text', () => {
    it('markup in memories and turns is shown as text on every page that has it', async () => {
      const { page, show, faults } = await signedIn('read', 'write');
      const fragments = ['#/events', '#/memories', `#/memories/${service().ids.hostile}`];

      for (const fragment of fragments) {
        await show(fragment);
        await page.getByText(hostileText.slice(0, 60)).first().waitFor();
        expect(await page.locator('#app img, #app script').count()).toBe(0);
      }
      await show('#/playground');
      await page.getByLabel('User', { exact: true }).fill('eve');
      await page.getByLabel('Question').fill(hostileText);
      await page.getByRole('button', { name: 'Search' }).click();
      await page.getByText(hostileText.slice(0, 60)).first().waitFor();

      expect(await page.locator('#app img, #app script').count()).toBe(0);
      expect(await page.evaluate('globalThis.broken')).toBeUndefined();
      expect(faults).toEqual([]);
    });

    it('the browser refuses text that is given to it as HTML', async () => {
      const { page, show } = await signedIn('read');
      await show('#/events');

      const refused = page.evaluate("document.body.innerHTML = '<b>bold</b>'");

      await expect(refused).rejects.toThrow(/TrustedHTML/);
    });
  });

  describe('the pages', () => {
    it('no page asks another host, breaks the security policy or fails in a script', async () => {
      const { show, faults } = await signedIn('read', 'write', 'admin');

      for (const fragment of Object.values(consolePages(service()))) await show(fragment);

      expect(faults).toEqual([]);
    });

    it('no page is wider than a screen of 390 pixels', async () => {
      const key = await service().keyWith('read', 'write', 'admin');
      const { page, show } = await open({ key, width: 390 });

      const wide: unknown[] = [];
      for (const [name, fragment] of Object.entries(consolePages(service()))) {
        await show(fragment);
        const width = await page.evaluate('document.documentElement.scrollWidth');
        if (width !== 390) wide.push([name, width]);
      }

      expect(wide).toEqual([]);
    });

    it('a page is reached by keyboard alone, and its heading gets the focus', async () => {
      const { page, show } = await signedIn('read');
      await show('#/overview');

      await page.keyboard.press('Tab');
      await page.keyboard.press('Tab');
      for (let presses = 0; presses < 2; presses += 1) await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');

      await page.getByRole('heading', { name: 'Events', level: 1 }).waitFor();
      expect(await page.evaluate('document.activeElement.textContent')).toBe('Events');
      expect(await page.title()).toBe('Events · Turnstone');
    });
  });
});
