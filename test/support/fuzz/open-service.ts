import { ratesOf } from '../../../functions/api/access/rate-limits.ts';
import { createApp } from '../../../functions/api/app.ts';
import { createLocalEmbedder } from '../../../shared/adapters/local-embedder/local-embedder.ts';
import { createLocalExtractor } from '../../../shared/adapters/local-extractor/local-extractor.ts';
import { createAuthenticator, createKey } from '../../../shared/core/projects/api-keys.ts';
import {
  ensureDefaultProject,
  getOrCreateProject,
} from '../../../shared/core/projects/projects.ts';
import { createUsageMeter } from '../../../shared/core/projects/usage-meter.ts';
import type { Permission } from '../../../shared/domain/project.ts';
import { readConfig } from '../../../shared/platform/config/config.ts';
import { createLocalPlatform, type LocalOptions } from '../../../shared/platform/local.ts';
import { plainLanguageModel } from '../fake-models.ts';

export interface Keys {
  /** Key with all permissions. */
  full: string;
  reader: string;
  /** Key with all permissions in another project. */
  foreign: string;
}

/**
 * Real app with the real local adapters. Only the embedding model is replaced, in a thread without the model; and chats, which the embedded
 * rules cannot answer, are answered with what was asked.
 */
export const openApp = async (options: LocalOptions) => {
  const embedder = createLocalEmbedder({
    workerFile: new URL('./embedding-thread.ts', import.meta.url),
  });
  const extractor = createLocalExtractor();
  const { chat } = plainLanguageModel;
  const languageModel = { ...extractor, ...(chat && { chat }) };
  const platform = createLocalPlatform({ ...options, embedder, languageModel });
  const { project } = await ensureDefaultProject(platform);
  const foreign = await getOrCreateProject(platform, 'foreign');
  const keyOf = async (of: typeof project, permissions: readonly Permission[]) =>
    (await createKey(platform, of, { name: 'test', permissions })).key;
  const keys: Keys = {
    full: await keyOf(project, ['read', 'write', 'admin']),
    reader: await keyOf(project, ['read']),
    foreign: await keyOf(foreign, ['read', 'write', 'admin']),
  };
  const usage = createUsageMeter(platform);
  const app = createApp(platform, {
    authenticate: createAuthenticator(platform),
    version: '0.0.0-test',
    corsOrigins: ['*'],
    rates: ratesOf({ ...readConfig({}), rateLimit: 0, projectRateLimit: 0 }),
    usage,
  });
  return {
    platform,
    app,
    usage,
    keys,
    async close(): Promise<void> {
      await platform.close();
      await embedder.close();
      await extractor.close();
    },
  };
};
