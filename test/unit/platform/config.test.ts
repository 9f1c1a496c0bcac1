import { Resolver } from 'node:dns/promises';
import { describe, expect, it } from 'vitest';
import { TerminalError } from '../../../shared/domain/errors.ts';
import {
  cloudSettingsTable,
  readConfig,
  settingsTable,
} from '../../../shared/platform/config/config.ts';

const refusalOf = (env: NodeJS.ProcessEnv): string => {
  try {
    readConfig(env);
  } catch (error) {
    expect(error).toBeInstanceOf(TerminalError);
    expect(error).toMatchObject({ code: 'bad_setting' });
    return error instanceof Error ? error.message : '';
  }
  return 'accepted';
};

describe('readConfig', () => {
  it('readConfig has a default for every setting', () => {
    const config = readConfig({});

    expect(config).toMatchObject({ host: '127.0.0.1', port: 3000, dataDir: '.turnstone' });
    expect(config.refineSchedule.length).toBeGreaterThan(3);
    expect(config.corsOrigins).toEqual([]);
    expect(config.apiKey).toBeUndefined();
  });

  it('readConfig treats an empty or blank setting as absent', () => {
    const config = readConfig({
      TURNSTONE_PORT: '',
      TURNSTONE_API_KEY: '  ',
      OPENAI_API_KEY: '',
      OPENAI_BASE_URL: '',
    });

    expect(config).toEqual(readConfig({}));
  });

  it('readConfig reads numbers and lists', () => {
    const config = readConfig({
      TURNSTONE_PORT: '0',
      TURNSTONE_REFINE_SCHEDULE: '0, 2,10',
      TURNSTONE_CORS_ORIGINS: 'https://a.example, http://localhost:5173',
      TURNSTONE_MODEL_PRICES: '0.25,2',
    });

    expect(config.port).toBe(0);
    expect(config.refineSchedule).toEqual([0, 2, 10]);
    expect(config.modelPrices).toEqual({ prompt: 0.25, completion: 2 });
    expect(config.corsOrigins).toEqual(['https://a.example', 'http://localhost:5173']);
  });

  it.each([
    ['TURNSTONE_PORT', '80a'],
    ['TURNSTONE_PORT', '65536'],
    ['TURNSTONE_PORT', '-1'],
    ['TURNSTONE_SWEEP_INTERVAL_MS', '0'],
    ['TURNSTONE_REFINE_SCHEDULE', '1,soon'],
    ['TURNSTONE_REFINE_SCHEDULE', ','],
    ['TURNSTONE_CORS_ORIGINS', 'app.example.com'],
    ['TURNSTONE_CORS_ORIGINS', 'https://app.example.com/path'],
    ['TURNSTONE_LOG', 'loud'],
    ['TURNSTONE_RETAIN_EVENTS_DAYS', '1.5'],
    ['OPENAI_BASE_URL', 'localhost:11434'],
    ['TURNSTONE_DNS_SERVERS', '999.1.1.1'],
    ['TURNSTONE_DNS_SERVERS', '1.1.1.1:0'],
    ['TURNSTONE_DNS_SERVERS', '1.1.1.1:65536'],
    ['TURNSTONE_DNS_SERVERS', '1.1.1'],
    ['TURNSTONE_DNS_SERVERS', 'dns.example.com'],
    ['TURNSTONE_DNS_SERVERS', '::1::2'],
    ['TURNSTONE_MAX_ENDPOINTS', '0'],
    ['TURNSTONE_MAX_JOBS', '1e9'],
    ['TURNSTONE_MODEL_PRICES', '0.25'],
    ['TURNSTONE_MODEL_PRICES', '-1,2'],
    ['OTEL_METRIC_EXPORT_INTERVAL', '99'],
    ['OTEL_EXPORTER_OTLP_METRICS_ENDPOINT', 'collector:4318'],
  ])('readConfig rejects %s=%s in one sentence that names the setting', (name, value) => {
    const sentence = refusalOf({ [name]: value });

    expect(sentence).toMatch(new RegExp(`^${name} must be [^\\n]+, not "${value}"\\.$`));
  });

  it.each([
    '192.0.2.1',
    '192.0.2.1:5353',
    '2001:db8::1',
    '[2001:db8::1]',
    '[2001:db8::1]:53',
    'fe80::1%eth0',
    '::ffff:192.0.2.1',
  ])('readConfig accepts the name server %s, and so does the resolver', (server) => {
    const { dnsServers } = readConfig({ TURNSTONE_DNS_SERVERS: `192.0.2.9, ${server}` });

    expect(dnsServers).toEqual(['192.0.2.9', server]);
    expect(() => new Resolver().setServers(dnsServers)).not.toThrow();
  });

  it('readConfig does not repeat an invalid secret', () => {
    const sentence = refusalOf({ TURNSTONE_API_KEY: 'too-short' });

    expect(sentence).toBe(
      'TURNSTONE_API_KEY must be 16 to 256 printable characters without spaces.',
    );
  });

  it('readConfig rejects a misspelt setting, and ignores variables of other programs', () => {
    expect(refusalOf({ TURNSTONE_PROT: '3001' })).toMatch(/^Unknown setting TURNSTONE_PROT\. /);
    expect(refusalOf({ OPENAI_ORG_ID: 'x', PATH: '/bin' })).toBe('accepted');
  });
});

describe('the tables of settings', () => {
  it('the tables of settings have one row per setting, without line breaks or extra bars', () => {
    const rows = [settingsTable(), cloudSettingsTable()].flatMap((table) =>
      table.split('\n').slice(2),
    );

    expect(rows).toHaveLength(Object.keys(readConfig({})).length);
    for (const row of rows) expect(row.split('|')).toHaveLength(5);
  });
});
