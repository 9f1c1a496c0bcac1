import { describe, expect, it } from 'vitest';
import { chromiumPath } from '../support/browser/chromium.ts';
import { useConsole } from '../support/browser/use-console.ts';

describe.runIf(chromiumPath)('the events of the console in Chromium', () => {
  const { signedIn, service } = useConsole();

  it('the list shows a new event without a reload', async () => {
    const { page, show } = await signedIn('read');
    await show('#/events');

    await service().client('POST /v1/turns', {
      body: { user_id: 'dora', messages: [{ role: 'user', content: 'I play the cello.' }] },
    });

    await page.getByRole('cell', { name: 'I play the cello.' }).waitFor();
  });

  it('an open stream says what has changed, so the list is not asked for in between', async () => {
    const { page, show } = await signedIn('read');
    await page.clock.install();
    const lists: string[] = [];
    page.on('request', (request) => {
      if (request.url().includes('/v1/events?')) lists.push(request.url());
    });
    const streamed = page.waitForResponse('**/v1/events/stream');
    await show('#/events');
    await streamed;
    await page.clock.runFor(1_000);
    await expect.poll(() => lists.length).toBeGreaterThan(1);
    const before = lists.length;
    await page.clock.runFor(20_000);
    expect(lists).toHaveLength(before);

    await service().client('POST /v1/turns', {
      body: { user_id: 'dora', messages: [{ role: 'user', content: 'I play the oboe.' }] },
    });

    const cell = page.getByRole('cell', { name: 'I play the oboe.' });
    await expect
      .poll(async () => {
        await page.clock.runFor(500);
        return cell.count();
      })
      .toBe(1);
  });

  it('where there is no stream, the list is asked for every few seconds', async () => {
    const { page, show } = await signedIn('read');
    await page.route('**/v1/events/stream', (route) => route.fulfill({ status: 501 }));
    await show('#/events');

    await service().client('POST /v1/turns', {
      body: { user_id: 'dora', messages: [{ role: 'user', content: 'I play the viola.' }] },
    });

    await page.getByRole('cell', { name: 'I play the viola.' }).waitFor();
  });

  it('an event shows its error, and a retry starts it again', async () => {
    const { page, show } = await signedIn('read', 'write');
    const { body } = await service().client('POST /v1/turns', {
      body: { user_id: 'finn', messages: [{ role: 'user', content: 'FAIL' }] },
    });
    await show(`#/events/${body.event_id}`);
    await page.getByText('model_refused').waitFor();
    const event = async () => (await service().client(`GET /v1/events/${body.event_id}`)).body;
    const before = (await event()).completed_at;

    await page.getByRole('button', { name: 'Retry' }).click();

    await expect.poll(async () => (await event()).completed_at).not.toBe(before);
  });

  it('an event that waits is cancelled after a question', async () => {
    const { page, show } = await signedIn('read', 'write');
    const { body } = await service().client('POST /v1/turns', {
      body: { user_id: 'gus', messages: [{ role: 'user', content: 'WAIT' }] },
    });
    await show(`#/events/${body.event_id}`);

    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Yes' }).click();

    await page.getByText('CANCELLED', { exact: true }).waitFor();
  });

  it('the timeline goes on to the index and the webhooks, each of which leads to its attempts', async () => {
    const { page, show } = await signedIn('read');
    const { results } = (
      await service().client('GET /v1/events?event_type=ADD&status=SUCCEEDED&page_size=50')
    ).body;
    await show(`#/events/${results.at(-1).id}`);
    const timeline = page.locator('.timeline');

    await timeline.getByText('Indexed').waitFor();
    await timeline.getByText('Not all webhooks arrived').waitFor();
    await timeline.getByText('Deliveries: 3 failed').click();
    await timeline.getByRole('link', { name: 'memory_add' }).click();
    await page.getByText('status 500').waitFor();

    expect(page.url()).toContain(`#/webhooks/${service().ids.endpoint}?delivery=dlv_`);
    await page.getByRole('link', { name: 'All deliveries of the endpoint' }).click();
    await expect.poll(() => page.getByText('endpoint.test').count()).toBe(0);
    await expect.poll(() => page.locator('details.card').count()).toBeGreaterThan(3);
  });

  it('an event that the index does not show yet is asked for again until it does', async () => {
    const { page, show } = await signedIn('read');
    const { results } = (await service().client('GET /v1/events?status=SUCCEEDED')).body;
    let asked = 0;
    await page.route('**/v1/events/*?stages=true', async (route) => {
      const response = await route.fetch();
      const body = await response.json();
      asked += 1;
      if (asked < 2) body.stages.indexed = { state: 'waiting', at: null, memories: 2, waiting: 1 };
      await route.fulfill({ response, json: body });
    });
    await page.clock.install();
    await show(`#/events/${results[0].id}`);
    await page.getByText('Waiting for the index: 1 of 2 memories').waitFor();

    await page.clock.runFor(3_000);

    await page.locator('.timeline').getByText('Indexed').waitFor();
  });

  it('a change shows the words that went and the words that came', async () => {
    const { page, show } = await signedIn('read');
    const { results } = (await service().client('GET /v1/events?page_size=50')).body;
    const update = results.find((event: { results: { event: string }[] }) =>
      event.results.some(({ event }) => event === 'UPDATE'),
    );

    await show(`#/events/${update.id}`);

    expect(await page.locator('del').allTextContents()).toContain('Learnt: I live');
    expect((await page.locator('ins').allTextContents()).join(' ')).toContain('Seattle.');
  });
});
