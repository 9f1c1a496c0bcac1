import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
import { temporaryFolder } from '../support/temporary-folder.ts';

const integrations = [
  ['@mem0/vercel-ai-provider', providerChecks],
  ['@mastra/mem0', mastraChecks],
  ['@mem0/community', communityChecks],
  ['@mem0/n8n-nodes-mem0', n8nChecks],
] as const;

/** Contract of every platform: each method of the published integrations gets what it expects. */
export const describeFrameworks = (running: () => { url: string; apiKey: string }): void => {
  describe('published integrations', () => {
    const home = temporaryFolder();
    let model: Framework['model'];

    beforeAll(async () => {
      silenceTelemetry(home.path);
      model = await startModelStub('Noted.');
    });
    afterAll(async () => {
      await model.close();
      home.remove();
    });

    it.each(integrations)('%s has checks', (_, checks) => {
      expect(checks.length).toBeGreaterThan(0);
    });

    for (const [name, checks] of integrations)
      describeChecks(name, checks, () => {
        const { url, apiKey } = running();
        return { client: { url, apiKey, model }, at: { receiverUrl: '' } };
      });
  });
};
