import { describe, expect, it } from 'vitest';
import { chromiumPath } from '../support/browser/chromium.ts';
import { useConsole } from '../support/browser/use-console.ts';

describe.runIf(chromiumPath)('the overview in Chromium', () => {
  const { signedIn, service } = useConsole();

  it('its charts have the adds, refinements and deliveries of each hour, and its card what the model cost', async () => {
    const admin = await service().clientOf('default', ['admin']);
    const { page, show } = await signedIn('read', 'admin');
    await show('#/overview');

    const figure = (title: string) => page.locator('figure', { hasText: title });
    const sums = async (title: string): Promise<number[]> => {
      await figure(title).locator('summary').click();
      const rows = await figure(title).locator('tbody tr').all();
      const cells = await Promise.all(rows.map((row) => row.locator('td').allTextContents()));
      return cells.reduce<number[]>(
        (sum, [, ...values]) => values.map((value, at) => (sum[at] ?? 0) + Number(value)),
        [],
      );
    };
    const requests = await sums('Adds, searches and refinements');
    const deliveries = await sums('Deliveries of webhooks');
    const facts = await page.getByRole('region', { name: 'Language model, 31 days' }).textContent();
    const { total } = (await admin('GET /v1/usage')).body;

    // Headings name their own sections alone.
    expect(await page.getByRole('region', { name: 'Content' }).textContent()).toContain('Users');
    expect(requests).toEqual([total.adds, total.searches, total.refinements]);
    expect(deliveries).toEqual([total.deliveries, total.failed_deliveries]);
    expect(Math.min(total.refinements, ...deliveries)).toBeGreaterThan(0);
    expect(facts).toContain(`Refinements${total.refinements}`);
    expect(facts).toContain(`Cost$${total.model_cost.toFixed(4)}`);
  });

  it('a key without the permission admin sees neither usage nor cost', async () => {
    const { page, show } = await signedIn('read');
    await show('#/overview');

    await page.getByRole('heading', { name: 'Content' }).waitFor();

    expect(await page.getByText('Language model,').count()).toBe(0);
    expect(await page.getByText('Deliveries of webhooks').count()).toBe(0);
  });
});
