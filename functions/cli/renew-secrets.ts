import { createLimiterStore } from '../../shared/core/webhooks/limiter-store.ts';
import {
  replaceUnreadableSecrets,
  unreadableEndpoints,
} from '../../shared/core/webhooks/unreadable-secrets.ts';
import { readConfig } from '../../shared/platform/config/config.ts';
import { openPlatform } from '../../shared/platform/open-platform.ts';
import { rejectArguments, runCommand } from '../run-command.ts';

const usage = `After the loss of secret.key: makes new secrets for the webhooks whose own cannot be read.
Usage: npm run renew-secrets`;

await runCommand(usage, async () => {
  rejectArguments(usage);
  const platform = await openPlatform(readConfig());
  try {
    const limiterStore = createLimiterStore(platform);
    const endpoints = await unreadableEndpoints(platform);
    for (const endpoint of endpoints) {
      await replaceUnreadableSecrets({ ...platform, limiterStore }, endpoint);
      const { id, url, headerNames } = endpoint;
      const headers =
        headerNames.length > 0 ? ` Set its headers again: ${headerNames.join(', ')}.` : '';
      console.log(`${id} (${url}): read its secret at GET /v1/endpoints/${id}/secret.${headers}`);
    }
    console.log(
      `Renewed the secrets of ${endpoints.length} endpoints whose secrets could not be opened.`,
    );
  } finally {
    await platform.close();
  }
});
