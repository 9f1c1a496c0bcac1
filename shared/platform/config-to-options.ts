import type { FileFetcherOptions } from '../adapters/webhook-client/file-fetcher.ts';
import type { WebhookClientOptions } from '../adapters/webhook-client/webhook-client.ts';
import { formatAddress } from '../domain/webhooks/ip-address.ts';
import type { Clock } from '../ports/clock.ts';
import type { Policy } from '../ports/platform.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import type { Config } from './config/config.ts';

/** Revoked keys count while they are listed. */
const maxKeys = 500;

/** Exports, and jobs that generate profiles, of one project that run at once. */
const maxDerivations = 20;

export const policyOf = (config: Config): Policy => ({
  refineSchedule: config.refineSchedule,
  modelGiveUpHours: config.modelGiveUpHours,
  tokensPerDay: config.tokensPerDay,
  projectTokensPerDay: config.projectTokensPerDay,
  webhookSchedule: config.webhookSchedule,
  webhookTimeoutMs: config.webhookTimeoutMs,
  retainDeliveriesDays: config.retainDeliveriesDays,
  retainEventsDays: config.retainEventsDays,
  retainTurnsDays: config.retainTurnsDays,
  quotas: {
    endpoints: config.maxEndpoints,
    recoveries: config.maxRecoveries,
    jobs: config.maxJobs,
    derivations: maxDerivations,
    keys: maxKeys,
  },
});

export const webhookClientOptions = (config: Config, clock: Clock): WebhookClientOptions => ({
  clock,
  allow: config.webhookAllow,
  allowHttp: config.webhookAllowHttp,
  timeoutMs: config.webhookTimeoutMs,
  ...(config.dnsServers.length > 0 ? { dnsServers: config.dnsServers } : {}),
});

/** Links to attachments may have the private targets that webhooks may have, and http. */
export const fileFetcherOptions = ({ webhookAllow, dnsServers }: Config): FileFetcherOptions => ({
  allow: webhookAllow,
  allowHttp: true,
  ...(dnsServers.length > 0 ? { dnsServers } : {}),
});

/** Logs which private addresses webhooks may reach, since such a setting must not stay in production by mistake. */
export const warnAboutPrivateTargets = ({ webhookAllow }: Config, telemetry: Telemetry): void => {
  if (webhookAllow.length === 0) return;
  const pairs = webhookAllow.map(({ address, port }) => `${formatAddress(address)} port ${port}`);
  telemetry.log('warn', 'webhooks.private_targets_allowed', { targets: pairs.join(', ') });
};
