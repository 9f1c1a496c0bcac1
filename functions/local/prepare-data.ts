import { reindexIfChanged } from '../../shared/core/jobs/reindex.ts';
import { releaseStaleProbe } from '../../shared/core/refine/breaker.ts';
import { releaseStaleScopeLeases } from '../../shared/core/refine/lease.ts';
import { releaseStaleDispatchLeases } from '../../shared/core/stale-leases.ts';
import { createLimiterStore } from '../../shared/core/webhooks/limiter-store.ts';
import { toErrorInfo } from '../../shared/domain/errors.ts';
import type { FullPlatform } from '../../shared/ports/platform.ts';

/** Starts a reindex if the embedder has changed since the last start, and whenever the model behind the embedder changes. */
const reindexOnChange = async (platform: FullPlatform): Promise<void> => {
  const { embedder, vectorIndex, telemetry } = platform;
  const reindex = () =>
    reindexIfChanged(platform, { embedder: embedder.model, layout: vectorIndex.layout });
  embedder.onModelChange?.(() => {
    reindex().catch((error: unknown) =>
      telemetry.log('error', 'reindex.not_started', { code: toErrorInfo(error).code }),
    );
  });
  await reindex();
};

/**
 * Releases the leases that an earlier process left behind. Precondition: the lock on the data folder proves that no other
 * process is running, so every lease in it is stale.
 */
const releaseStaleLeases = async (platform: FullPlatform): Promise<void> => {
  await releaseStaleScopeLeases(platform);
  await releaseStaleProbe(platform);
  await releaseStaleDispatchLeases({ ...platform, limiterStore: createLimiterStore(platform) });
};

/**
 * Prepares the data for the work of this process, before that begins: starts a reindex if the embedder is another one than
 * before, and releases stale leases. Safe to repeat.
 * @param isLocked whether this process holds the lock on the data; on a DynamoDB table other processes may hold valid leases
 */
export const prepareData = async (platform: FullPlatform, isLocked: boolean): Promise<void> => {
  await reindexOnChange(platform);
  if (isLocked) await releaseStaleLeases(platform);
};
