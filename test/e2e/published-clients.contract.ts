import { afterAll, describe, expect, it } from 'vitest';
import { describeChecks } from '../support/clients/check.ts';
import { cliChecks } from '../support/clients/cli-checks.ts';
import { mem0Checks } from '../support/clients/mem0-checks.ts';
import { openCli, type PublishedCli } from '../support/clients/published-cli.ts';
import {
  type Mem0Version,
  mem0Packages,
  methodsOfMem0,
  openMem0,
  type PublishedMem0,
  silenceTelemetry,
} from '../support/clients/published-mem0.ts';
import { pythonChecks, sendRawTo } from '../support/clients/python-checks.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import type { Receiver } from '../support/webhook-receiver.ts';

const isVersion = (name: string): name is Mem0Version => name in mem0Packages;
const versions = Object.keys(mem0Packages).filter(isVersion);

/** Contract of every platform: each method of the published clients gets what it expects. */
export const describePublishedClients = (
  running: () => { url: string; apiKey: string; receiver: Receiver },
): void => {
  describe('published clients', () => {
    const commands: { cli?: PublishedCli } = {};
    const home = temporaryFolder();
    silenceTelemetry(home.path);

    afterAll(() => {
      home.remove();
      commands.cli?.close();
    });

    it.each(versions)('every method of mem0ai %s has a check', (version) => {
      const checked = new Set(mem0Checks[version].map(({ method }) => method.split(' ')[0]));

      expect(methodsOfMem0(version).filter((method) => !checked.has(method))).toEqual([]);
    });

    for (const version of versions) {
      const opened: { client?: PublishedMem0 } = {};
      describeChecks(`mem0ai ${version}`, mem0Checks[version], () => {
        const { url, apiKey, receiver } = running();
        opened.client ??= openMem0(version, { host: url, apiKey });
        return { client: opened.client, at: { receiverUrl: receiver.url } };
      });
    }

    describeChecks('requests of mem0ai 2.0.18 for Python', pythonChecks, () => ({
      client: sendRawTo(running()),
      at: { receiverUrl: running().receiver.url },
    }));

    describeChecks('@mem0/cli 0.2.13', cliChecks, () => {
      commands.cli ??= openCli(running());
      return { client: commands.cli, at: { receiverUrl: running().receiver.url } };
    });
  });
};
