import { startService } from '../support/service.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { describeService } from './service.contract.ts';

describeService('npm start', async (allow) => {
  const apiKey = 'e2e-0123456789abcdef';
  const folder = temporaryFolder();
  const settings = {
    TURNSTONE_DATA_DIR: folder.path,
    TURNSTONE_API_KEY: apiKey,
    TURNSTONE_WEBHOOK_ALLOW: allow,
    TURNSTONE_WEBHOOK_SCHEDULE: '0,1,2,4',
  };
  const { url, child, ended } = await startService(settings);
  return {
    url,
    apiKey,
    async stop() {
      child.kill();
      await ended;
      folder.remove();
    },
  };
});
