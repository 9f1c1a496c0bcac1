import { describe, expect, it } from 'vitest';
import { chromiumPath } from '../support/browser/chromium.ts';
import { useConsole } from '../support/browser/use-console.ts';

describe.runIf(chromiumPath)('the actions of the console in Chromium', () => {
  const { signedIn, service } = useConsole();

  describe('memories', () => {
    it('the filters narrow the list, and the address keeps them', async () => {
      const { page, show } = await signedIn('read');
      await show('#/memories');

      await page.getByLabel('Metadata').fill('source=chat');
      await page.getByLabel('Id (empty for all)').fill('ana');
      await page.getByRole('button', { name: 'Filter' }).click();

      await expect.poll(() => page.locator('tbody tr').count()).toBe(1);
      expect(page.url()).toContain('metadata=source%3Dchat');
    });

    it('the kind narrows the list to preferences', async () => {
      const { page, show } = await signedIn('read');
      await show('#/memories');

      await page.getByLabel('Kind').selectOption('preference');
      await page.getByRole('button', { name: 'Filter' }).click();

      await expect.poll(() => page.locator('tbody tr').count()).toBe(1);
      expect(await page.locator('tbody tr').textContent()).toContain('vegetarian');
      expect(page.url()).toContain('kind=preference');
    });

    it('the lineage leads from the turn over the rough memory to what is true now', async () => {
      const { page, show } = await signedIn('read');

      await show(`#/memories/${service().ids.memory}`);

      const kinds = await page.locator('.node strong').allTextContents();
      expect(kinds).toEqual(['Turn', 'Rough memory', 'Refined memory', 'Turn', 'Changed']);
    });

    it('a memory is edited, then deleted', async () => {
      const { page, show } = await signedIn('read', 'write');
      const added = await service().client('POST /v3/memories/add', {
        body: {
          user_id: 'hal',
          infer: false,
          messages: [{ role: 'user', content: 'Likes tea.' }],
        },
      });
      const [{ id }] = added.body.results;
      await show(`#/memories/${id}`);

      await page.getByText('Edit or delete').click();
      await page.getByLabel('Text').fill('Likes coffee.');
      await page.getByRole('button', { name: 'Save' }).click();
      await page.locator('blockquote', { hasText: 'Likes coffee.' }).waitFor();
      await page.getByText('Edit or delete').click();
      await page.getByRole('button', { name: 'Delete' }).click();
      await page.getByRole('button', { name: 'Yes' }).click();

      await page.getByText('All memories').waitFor({ state: 'detached' });
      expect((await service().client(`GET /v1/memories/${id}`)).status).toBe(404);
    });
  });

  describe('the playground', () => {
    it('what is said is found at once, is refined, and is explained by a search', async () => {
      const { page, show, faults } = await signedIn('read', 'write');
      await show('#/playground');

      await page.getByLabel('User', { exact: true }).fill('ida');
      await page.getByLabel('Words of the user').fill('I collect stamps.');
      await page.getByRole('button', { name: 'Say' }).click();
      await page.getByText('Found at once').waitFor();
      await page.getByText('SUCCEEDED').waitFor();
      await page.getByLabel('Question').fill('collect stamps');
      await page.getByRole('button', { name: 'Search' }).click();
      await page.getByText('Why this score').first().click();

      await page.getByText('Share of the words of the query that the text has.').first().waitFor();
      expect(await page.getByLabel('Context block').textContent()).toContain('stamps');
      expect(faults).toEqual([]);
    });
  });

  describe('the inspector', () => {
    it('the inspector is registered by a click, shows what it receives, and is cleared', async () => {
      const { page, show, faults } = await signedIn('read', 'write');
      await show('#/webhooks');

      await page.getByRole('button', { name: 'Register the inspector' }).click();
      await page.getByText('Registered as').waitFor();
      await service().client('POST /v1/turns', {
        body: { user_id: 'hal', messages: [{ role: 'user', content: 'I play the harp.' }] },
      });
      const request = page.locator('details.card', { hasText: 'memory_add' }).first();
      await request.waitFor();
      await request.locator('summary').click();
      await request.getByText('I play the harp').first().waitFor();
      await request.getByText('webhook-signature').first().waitFor();
      await page.getByRole('button', { name: 'Clear the inspector' }).click();

      await page.getByText('Nothing was received.').waitFor();
      expect(faults).toEqual([]);
    });
  });

  describe('webhooks', () => {
    it('an endpoint is tested, paused, resumed, and its secret rotated', async () => {
      const { page, show } = await signedIn('read', 'write');
      const { id } = await service().register({ name: 'of this test' });
      await show(`#/webhooks/${id}`);

      await page.getByRole('button', { name: 'Send a test' }).click();
      await page.locator('summary', { hasText: 'test' }).waitFor();
      await page.getByRole('button', { name: 'Pause' }).click();
      await page.getByRole('button', { name: 'Resume' }).waitFor();
      await page.getByRole('button', { name: 'Resume' }).click();
      await page.getByRole('button', { name: 'Pause' }).waitFor();
      await page.getByRole('button', { name: 'Rotate the secret' }).click();
      await page.getByRole('button', { name: 'Yes' }).click();

      await page.locator('code', { hasText: 'whsec_' }).waitFor();
    });

    it('a failed delivery shows the answer of the receiver, and is sent again', async () => {
      const { page, show } = await signedIn('read', 'write');
      const path = `/v1/endpoints/${service().ids.endpoint}/deliveries?status=exhausted`;
      const exhausted = async () => (await service().client(`GET ${path}`)).body.results.length;
      const before = await exhausted();
      await show(`#/webhooks/${service().ids.endpoint}`);
      await page.getByLabel('Status').selectOption('exhausted');

      const delivery = page.locator('details', { hasText: 'exhausted' }).first();
      await delivery.locator('summary').first().click();
      await delivery.getByText('Request and answer').first().click();
      await delivery.getByText('The receiver is broken.').first().waitFor();
      await delivery.getByRole('button', { name: 'Resend' }).click();

      await expect.poll(() => exhausted()).toBe(before - 1);
      await expect
        .poll(() => page.locator('details', { hasText: 'exhausted' }).count())
        .toBe(before - 1);
    });

    it('a new endpoint shows its secret once, and a refused URL says why', async () => {
      const { page, show } = await signedIn('read', 'write');
      await show('#/webhooks');

      await page.getByLabel('URL').fill('https://127.0.0.1/');
      await page.getByRole('button', { name: 'Register' }).click();
      await page.getByRole('alert').waitFor();
      await page.getByLabel('URL').fill(`${service().receiver.url}/new`);
      await page.getByRole('button', { name: 'Register' }).click();

      await page.locator('code', { hasText: 'whsec_' }).waitFor();
      expect(await page.getByRole('alert').count()).toBe(0);
    });
  });

  describe('keys', () => {
    it('a key is created, shown once, and revoked', async () => {
      const { page, show } = await signedIn('read', 'write', 'admin');
      await show('#/keys');

      await page.getByLabel('Name').fill('of this test');
      await page.getByRole('button', { name: 'Create' }).click();
      const key = (await page.locator('.is-secret code').textContent()) ?? '';
      const row = page.locator('tr', { hasText: 'of this test' });
      await row.getByRole('button', { name: 'Revoke' }).click();
      await row.getByRole('button', { name: 'Yes' }).click();
      await row.getByText('revoked').waitFor();

      const headers = { authorization: `Token ${key}` };
      expect((await service().send('GET /v1/ping', { headers })).status).toBe(401);
    });
  });
});
