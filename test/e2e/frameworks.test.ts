import { afterAll, beforeAll } from 'vitest';
import { describeChecks } from '../support/clients/check.ts';
import {
  communityChecks,
  type Framework,
  mastraChecks,
  providerChecks,
} from '../support/clients/frameworks.ts';
import { startModelStub } from '../support/clients/model-stub.ts';
import { n8nChecks } from '../support/clients/n8n-node.ts';
import { silenceTelemetry } from '../support/clients/published-mem0.ts';
import { startService } from '../support/service.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const apiKey = 'e2e-0123456789abcdef';
const folder = temporaryFolder();
let service: Awaited<ReturnType<typeof startService>>;
let framework: Framework;

beforeAll(async () => {
  silenceTelemetry(folder.file('home'));
  const settings = { TURNSTONE_DATA_DIR: folder.file('data'), TURNSTONE_API_KEY: apiKey };
  service = await startService(settings);
  framework = { url: service.url, apiKey, model: await startModelStub('Noted.') };
});

afterAll(async () => {
  service.child.kill();
  await Promise.all([service.ended, framework.model.close()]);
  folder.remove();
});

const connect = () => ({ client: framework, at: { receiverUrl: '' } });

describeChecks('@mem0/vercel-ai-provider', providerChecks, connect);
describeChecks('@mastra/mem0', mastraChecks, connect);
describeChecks('@mem0/community', communityChecks, connect);
describeChecks('@mem0/n8n-nodes-mem0', n8nChecks, connect);
