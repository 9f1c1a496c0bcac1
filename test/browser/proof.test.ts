import { describe, expect, it } from 'vitest';
import { createRun } from '../../functions/console/proof/run.ts';
import { chromiumPath } from '../support/browser/chromium.ts';
import { useConsole } from '../support/browser/use-console.ts';

/** Runs a seed to its end in Node.js. */
const playedInNode = async (seed: number) => {
  const run = createRun({ seed, actions: [], isBroken: false });
  while (await run.advance());
  return run.state();
};

describe.runIf(chromiumPath)('the page of the proof in Chromium', () => {
  const { signedIn } = useConsole();

  it('other pages do not load the simulation', async () => {
    const { page, show } = await signedIn('read');
    const files: string[] = [];
    page.on('request', (request) => files.push(new URL(request.url()).pathname));

    await show('#/overview');
    expect(files).not.toContain('/console/proof.js');
    await page.getByRole('link', { name: 'The proof' }).click();
    await page.getByRole('button', { name: 'Play' }).waitFor();

    expect(files).toContain('/console/proof.js');
  });

  it('a seed takes the same steps as in Node.js, loses nothing, and requests nothing', async () => {
    const { page, show, faults } = await signedIn('read');
    await show('#/proof?seed=11');
    const requests: string[] = [];
    page.on('request', (request) => requests.push(request.url()));

    await page.getByRole('button', { name: 'Run to the end' }).click();
    await page.getByText('The run is over').waitFor();

    const { digest, step, adds } = await playedInNode(11);
    expect(await page.locator('.digest').textContent()).toBe(digest);
    expect(await page.locator('.step').textContent()).toBe(String(step));
    expect(await page.locator('#adds').textContent()).toBe(`${adds.length} acknowledged, 0 lost`);
    expect(requests).toEqual([]);
    expect(faults).toEqual([]);
  });

  it('a step by keyboard shows what happened, and what a search finds after it', async () => {
    const { page, show } = await signedIn('read');
    await show('#/proof?seed=11');

    const step = page.getByRole('button', { name: 'Step', exact: true });
    await step.focus();
    for (let pressed = 0; pressed < 3; pressed++) {
      await page.keyboard.press('Enter');
      await expect.poll(() => page.locator('.trace tbody tr').count()).toBeGreaterThan(pressed);
    }

    expect(await page.locator('.trace').textContent()).toContain('found from now on');
    expect(await page.locator('.found .is-rough').count()).toBeGreaterThan(0);
  });

  it('a crash and a fault that is turned off stay in the address, which repeats the run', async () => {
    const { page, show } = await signedIn('read');
    await show('#/proof?seed=11');
    await page.getByRole('button', { name: 'Step', exact: true }).click();
    await page.getByRole('button', { name: 'Crash a process' }).click();
    await page.getByText('crashes a process').waitFor();
    await page.getByLabel('Queue loses messages').uncheck();
    await page.getByText('turns losses of the queue off').waitFor();

    const address = await page.evaluate<string>('location.hash');
    await page.getByRole('button', { name: 'Run to the end' }).click();
    await page.getByText('The run is over').waitFor();
    const digest = await page.locator('.digest').textContent();
    await page.reload();
    await page.getByRole('button', { name: 'Run to the end' }).click();
    await page.getByText('The run is over').waitFor();

    expect(address).toMatch(/^#\/proof\?seed=11&do=\d+\.crash~\d+\.queue$/);
    expect(await page.locator('.digest').textContent()).toBe(digest);
  });

  it('a run can be paused, and another seed starts anew', async () => {
    const { page, show } = await signedIn('read');
    await show('#/proof?seed=11');
    await page.getByLabel('Speed').selectOption('fast');
    await page.getByRole('button', { name: 'Play' }).click();
    await page.locator('.trace tbody tr').first().waitFor();

    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('button', { name: 'Play' }).waitFor();
    await page.getByLabel('Seed', { exact: true }).fill('12');
    await page.getByRole('button', { name: 'Start again' }).click();

    await expect.poll(() => page.locator('.step').textContent()).toBe('0');
    expect(await page.evaluate('location.hash')).toBe('#/proof?seed=12');
  });

  it('a broken protocol is seen: an add counts as lost, and the violated invariant says which', async () => {
    const { page, show } = await signedIn('read');
    await show('#/proof?seed=11');
    await page.getByLabel('Break the protocol').check();

    await page.getByRole('button', { name: 'Run to the end' }).click();
    await page.getByText('broke an invariant').waitFor();

    expect(await page.locator('#adds').textContent()).toMatch(/ acknowledged, [1-9]\d* lost$/);
    expect(await page.locator('.found .is-failed').first().textContent()).toBe('violated');
    expect(await page.locator('.found .note').first().textContent()).toContain('search of user');
    expect(await page.getByRole('button', { name: 'Play' }).isDisabled()).toBe(true);
  });
});
