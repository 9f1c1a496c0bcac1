import type { Policy } from '../ports/platform.ts';
import type { Config } from './config/config.ts';

/** Revoked ones count while they are listed. */
const maxKeys = 500;

export const policyOf = (config: Config): Policy => ({
  refineSchedule: config.refineSchedule,
  modelGiveUpHours: config.modelGiveUpHours,
  webhookSchedule: config.webhookSchedule,
  webhookTimeoutMs: config.webhookTimeoutMs,
  retainDeliveriesDays: config.retainDeliveriesDays,
  retainEventsDays: config.retainEventsDays,
  retainTurnsDays: config.retainTurnsDays,
  quotas: {
    endpoints: config.maxEndpoints,
    recoveries: config.maxRecoveries,
    jobs: config.maxJobs,
    keys: maxKeys,
  },
});
