import { isIP, isIPv6 } from 'node:net';
import * as z from 'zod';
import { parseAllowlistEntry } from '../../domain/webhooks/allowlist.ts';
import { describe, list, oneOf, wholeNumber } from './setting.ts';

const Pair = z.string().transform((text, context) => {
  const pair = parseAllowlistEntry(text);
  if (pair) return pair;
  context.addIssue('pairs of address and port such as 127.0.0.1:3000');
  return z.NEVER;
});

/** Accepts `ip`, `ip:port`, or an IPv6 address in brackets with a port. */
const isNameServer = (text: string): boolean => {
  const [, bracketed, plain = '', port = '53'] =
    /^(?:\[(.+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const isAddress = bracketed === undefined ? isIP(plain) > 0 : isIPv6(bracketed);
  return isIPv6(text) || (isAddress && Number(port) > 0 && Number(port) < 65_536);
};

/** Schedule, limits and targets of webhook attempts. */
export const webhookSettings = {
  webhookSchedule: list
    .pipe(
      z
        .array(wholeNumber(0, 604_800, 'seconds, 0 to 604800 each'))
        .min(1, 'at least one number')
        .max(50, 'at most 50 numbers'),
    )
    .register(describe, {
      name: 'TURNSTONE_WEBHOOK_SCHEDULE',
      fallback: '0,5,300,1800,7200,18000,36000,50400,72000,86400',
      description:
        'Seconds before each attempt of a delivery, counted from the previous attempt; after the last one the delivery is exhausted.',
    }),
  webhookTimeoutMs: wholeNumber(100, 30_000, 'milliseconds, 100 to 30000').register(describe, {
    name: 'TURNSTONE_WEBHOOK_TIMEOUT_MS',
    fallback: '15000',
    description: 'Timeout of a whole attempt in milliseconds, whatever the receiver does.',
  }),
  webhookAllow: list.pipe(z.array(Pair)).register(describe, {
    name: 'TURNSTONE_WEBHOOK_ALLOW',
    fallback: '',
    description:
      'Pairs such as `127.0.0.1:3000`, separated by commas: private addresses that webhooks and links to attachments may reach, also over http. For development; empty in production.',
  }),
  webhookAllowHttp: oneOf(['true', 'false'])
    .transform((text) => text === 'true')
    .register(describe, {
      name: 'TURNSTONE_WEBHOOK_ALLOW_HTTP',
      fallback: 'false',
      description: '`true` allows webhook URLs that start with http://.',
    }),
  dnsServers: list
    .pipe(
      z.array(
        z.string().refine(isNameServer, 'IP addresses such as 192.0.2.1 or [2001:db8::1]:53'),
      ),
    )
    .register(describe, {
      name: 'TURNSTONE_DNS_SERVERS',
      fallback: '',
      description:
        'Name servers for webhook hosts, `ip` or `ip:port`, separated by commas; by default the system’s.',
    }),
  retainDeliveriesDays: wholeNumber(4, 36_500, 'days, 4 to 36500').register(describe, {
    name: 'TURNSTONE_RETAIN_DELIVERIES_DAYS',
    fallback: '30',
    description: 'Retention of notifications, deliveries and attempts in days.',
  }),
};
