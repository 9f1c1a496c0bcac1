import type { WebhookClientOptions } from '../adapters/webhook-client/webhook-client.ts';
import { formatAddress } from '../domain/webhooks/ip-address.ts';
import type { Clock } from '../ports/clock.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import type { Config } from './config/config.ts';

export const outboundOptionsOf = (config: Config, clock: Clock): WebhookClientOptions => ({
  clock,
  allow: config.webhookAllow,
  allowHttp: config.webhookAllowHttp,
  timeoutMs: config.webhookTimeoutMs,
  ...(config.dnsServers.length > 0 ? { dnsServers: config.dnsServers } : {}),
});

/** Says aloud what may be reached that is not public: nobody should run so by mistake. */
export const warnAboutPrivateTargets = ({ webhookAllow }: Config, telemetry: Telemetry): void => {
  if (webhookAllow.length === 0) return;
  const pairs = webhookAllow.map(({ address, port }) => `${formatAddress(address)} port ${port}`);
  telemetry.log('warn', 'webhooks.private_targets_allowed', { targets: pairs.join(', ') });
};
