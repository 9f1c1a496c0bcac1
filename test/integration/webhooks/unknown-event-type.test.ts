import { expect, it } from 'vitest';
import { createEndpoint } from '../../../shared/core/webhooks/endpoints.ts';
import { project } from '../../support/core-fixture.ts';
import { openWebhookFixture } from '../../support/webhook-fixture.ts';

it('an unknown event type is refused with the known ones', async () => {
  const { platform } = openWebhookFixture();
  const settings = { url: 'https://example.com/', eventTypes: ['memory_burn'] };

  const refused = await createEndpoint(platform, project, settings);

  expect(refused).toMatchObject({
    message: expect.stringMatching(/"memory_burn".*event\.pending, .*memory_delete, /),
  });
});
