import { renewSeals, unreadableEndpoints } from '../../shared/core/webhooks/unreadable-secrets.ts';
import { readConfig } from '../../shared/platform/config/config.ts';
import { openPlatform } from '../../shared/platform/open-platform.ts';
import { runCommand } from '../run-command.ts';

await runCommand(async () => {
  const platform = await openPlatform(readConfig());
  try {
    const endpoints = await unreadableEndpoints(platform);
    for (const endpoint of endpoints) {
      await renewSeals(platform, endpoint);
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
