import { createDocumentReader } from '../../adapters/documents/document-reader.ts';
import { createFileFetcher } from '../../adapters/webhook-client/file-fetcher.ts';
import { createCheckedStore } from '../../core/projects/checked-store.ts';
import type { Platform } from '../../ports/platform.ts';
import { createChatModel } from '../chat-model.ts';
import type { Config } from '../config/config.ts';
import { fileFetcherOptions } from '../config-to-options.ts';
import { modelKeysOf } from '../model-keys.ts';
import { createAwsBlobs } from './blobs.ts';
import { createAwsCore } from './core.ts';
import { createRetrievalParts } from './retrieval-parts.ts';

/** Script of the thread that parses documents, which the bundler puts beside this one. */
const documentThread = new URL('./document-thread.mjs', import.meta.url);

/** @throws TerminalError missing_setting */
export const createWorkerPlatform = (config: Config): Platform => {
  const core = createAwsCore(config);
  const keys = modelKeysOf(config, core.clock);
  return {
    ...core,
    store: createCheckedStore(core.store),
    ...createRetrievalParts(config, keys, core),
    languageModel: createChatModel(config, keys.openai),
    blobs: createAwsBlobs(config),
    fileFetcher: createFileFetcher(fileFetcherOptions(config)),
    documentReader: createDocumentReader({ workerFile: documentThread }),
  };
};
