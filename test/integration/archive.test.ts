import { parseAllowlistEntry } from '../../shared/domain/webhooks/allowlist.ts';
import { archiveContract } from '../contract/archive.contract.ts';
import { openWebhookService } from '../support/webhook-service.ts';

archiveContract(({ pages = false, receiver }) => {
  const pair = parseAllowlistEntry(receiver ?? '');
  return openWebhookService({
    access: () => ({ streams: !pages }),
    ...(pair && { webhookAllow: [pair] }),
  });
});
