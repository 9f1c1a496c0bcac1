import type { OutboundOptions } from '../adapters/outbound/outbound.ts';
import type { Clock } from '../ports/clock.ts';
import type { Config } from './config.ts';

export const outboundOptionsOf = (config: Config, clock: Clock): OutboundOptions => ({
  clock,
  allow: config.webhookAllow,
  allowHttp: config.webhookAllowHttp,
  timeoutMs: config.webhookTimeoutMs,
  ...(config.dnsServers.length > 0 ? { dnsServers: config.dnsServers } : {}),
});
