import { expect, it } from 'vitest';
import { restoreEndpoint } from '../../../shared/core/archive/restore.ts';
import { getEndpoint, updateEndpoint } from '../../../shared/core/webhooks/endpoints.ts';
import { createLimiterStore } from '../../../shared/core/webhooks/limiter-store.ts';
import { replaceUnreadableSecrets } from '../../../shared/core/webhooks/unreadable-secrets.ts';
import { archivedEndpointFields } from '../../../shared/domain/archive.ts';
import { TerminalError } from '../../../shared/domain/errors.ts';
import { fieldsOf } from '../../../shared/domain/fields-of.ts';
import { project } from '../../support/core-fixture.ts';
import { interceptStore, writesOf } from '../../support/intercepted-store.ts';
import { openWebhookFixture, type WebhookFixture } from '../../support/webhook-fixture.ts';

/** A platform that does something before its first write of an endpoint. */
const beforeEndpoint = ({ platform }: WebhookFixture, act: () => Promise<unknown>) => {
  let isFirst = true;
  const store = interceptStore(platform.store, {
    before: async ({ steps }) => {
      if (!isFirst || writesOf(steps, 'ENDPOINT').length === 0) return;
      isFirst = false;
      await act();
    },
  });
  const actor = { ...platform, store };
  return { ...actor, limiterStore: createLimiterStore(actor) };
};

it('headers that are set while those that cannot be opened are removed stay', async () => {
  const service = openWebhookFixture();
  const listed = await service.endpoint({ headers: { 'x-old': 'lost' } });
  const { secretBox } = service.platform;
  const open: typeof secretBox.open = async (sealed, of) => {
    if (sealed === listed.headers) throw new TerminalError('secret_unreadable', 'The key is lost.');
    return secretBox.open(sealed, of);
  };
  const actor = beforeEndpoint(service, () =>
    updateEndpoint(service.platform, project, listed.id, { headers: { 'x-new': 'kept' } }),
  );

  await replaceUnreadableSecrets({ ...actor, secretBox: { ...secretBox, open } }, listed);

  const { headers = '', headerNames } = (await getEndpoint(service, project, listed.id)) ?? {};
  expect(headerNames).toEqual(['x-new']);
  expect(await secretBox.open(headers, { project, endpoint: listed.id })).toContain('kept');
});

it('of two imports of an endpoint at once one restores it, and its secret and limiter stay', async () => {
  const service = openWebhookFixture();
  const endpoint = fieldsOf(await service.endpoint(), archivedEndpointFields);
  const to = 'proj_2';
  const rows = () =>
    [...service.rows('SECRET'), ...service.rows('LIMITER')].filter(({ key }) =>
      key.pk.includes(to),
    );
  let first: unknown;
  let written: unknown;
  const actor = beforeEndpoint(service, async () => {
    first = await restoreEndpoint(service.platform, to, endpoint);
    written = rows();
  });

  const second = await restoreEndpoint(actor, to, endpoint);

  expect([first, second]).toEqual(['restored', 'exists']);
  expect(written).toHaveLength(2);
  expect(rows()).toEqual(written);
});
