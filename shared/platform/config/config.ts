import * as z from 'zod';
import { TerminalError } from '../../domain/errors.ts';
import { accessSettings, quotaSettings } from './access-settings.ts';
import { cloudSettings } from './cloud-settings.ts';
import { modelSettings, refineSettings } from './model-settings.ts';
import { otelSettings } from './otel-settings.ts';
import { describe, isHttpUrl, list, oneOf, wholeNumber } from './setting.ts';
import { exampleOf, parseSettings, rowsOf, tableOf } from './settings-table.ts';
import { webhookSettings } from './webhook-settings.ts';

const isOrigin = (text: string): boolean =>
  text === '*' || (isHttpUrl(text) && URL.parse(text)?.origin === text);

const logLevels = ['silent', 'error', 'warn', 'info', 'debug'] as const;

const serviceSettings = {
  host: z.string().register(describe, {
    name: 'TURNSTONE_HOST',
    fallback: '127.0.0.1',
    description: 'Address to listen on; `0.0.0.0` accepts connections from other machines.',
  }),
  port: wholeNumber(0, 65_535, 'a port, 0 to 65535').register(describe, {
    name: 'TURNSTONE_PORT',
    fallback: '3000',
    description: 'Port to listen on; `0` for any free port.',
  }),
  maxConnections: wholeNumber(10, 100_000, 'a number of connections, 10 to 100000').register(
    describe,
    {
      name: 'TURNSTONE_MAX_CONNECTIONS',
      fallback: '1000',
      description: 'Connections open at once; another is closed without an answer.',
    },
  ),
  metricsPort: wholeNumber(0, 65_535, 'a port, 0 to 65535').optional().register(describe, {
    name: 'TURNSTONE_METRICS_PORT',
    description:
      'Port of `/metrics` for Prometheus, on the address of the service and without a key; none without it.',
  }),
  dataDir: z.string().register(describe, {
    name: 'TURNSTONE_DATA_DIR',
    fallback: '.turnstone',
    description: 'Data folder; created if missing.',
  }),
  apiKey: z
    .string()
    .regex(/^[!-~]{16,256}$/, '16 to 256 printable characters without spaces')
    .optional()
    .register(describe, {
      name: 'TURNSTONE_API_KEY',
      description:
        'API key for the default project, 16 characters or more; without it the first start creates one.',
      secret: true,
    }),
  ...modelSettings,
  sweepIntervalMs: wholeNumber(100, 3_600_000, 'milliseconds, 100 to 3600000').register(describe, {
    name: 'TURNSTONE_SWEEP_INTERVAL_MS',
    fallback: '5000',
    description: 'Milliseconds between sweeps for work that is due.',
  }),
  ...refineSettings,
  corsOrigins: list
    .pipe(z.array(z.string().refine(isOrigin, '`*` or origins such as https://app.example.com')))
    .register(describe, {
      name: 'TURNSTONE_CORS_ORIGINS',
      fallback: '',
      description: 'Origins whose web pages may call the API, separated by commas; `*` for all.',
    }),
  log: oneOf(logLevels).register(describe, {
    name: 'TURNSTONE_LOG',
    fallback: 'info',
    description: `Log level: ${logLevels.map((level) => `\`${level}\``).join(', ')}.`,
  }),
  retainEventsDays: wholeNumber(0, 36_500, 'days, 0 to 36500').register(describe, {
    name: 'TURNSTONE_RETAIN_EVENTS_DAYS',
    fallback: '30',
    description: 'Retention of final events in days; `0` for no limit.',
  }),
  retainTurnsDays: wholeNumber(0, 36_500, 'days, 0 to 36500').register(describe, {
    name: 'TURNSTONE_RETAIN_TURNS_DAYS',
    fallback: '0',
    description:
      'Retention of the text of refined turns, the source of their memories, in days; `0` for no limit.',
  }),
};

export { rejectLocalTargets, rejectLongVectors } from './cloud-settings.ts';
export { rejectEmbedded } from './model-settings.ts';

/** Every setting there is: the parser and the tables of the documents are made from this. */
const Settings = z.object({
  ...serviceSettings,
  ...quotaSettings,
  ...accessSettings,
  ...webhookSettings,
  ...otelSettings,
  ...cloudSettings,
});

export type Config = z.output<typeof Settings>;

const table = tableOf(Settings.shape);

const rejectUnknown = (env: NodeJS.ProcessEnv): void => {
  const unknown = Object.keys(env).find(
    (name) => name.startsWith('TURNSTONE_') && !table.some((entry) => entry.name === name),
  );
  if (unknown === undefined) return;
  const known = table.map(({ name }) => name).filter((name) => name.startsWith('TURNSTONE_'));
  throw new TerminalError(
    'bad_setting',
    `Unknown setting ${unknown}. Known settings: ${known.join(', ')}.`,
  );
};

/**
 * Reads the settings from `env`. An absent or empty variable takes its default.
 * @throws TerminalError bad_setting: one sentence that names the setting; a secret's value is not repeated
 */
export const readConfig = (env: NodeJS.ProcessEnv = process.env): Config => {
  rejectUnknown(env);
  return parseSettings(Settings, env);
};

/** Returns the environment with the variables of `more`, which take precedence. */
export const givenSettings = (more: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ...process.env,
  ...more,
});

/** Returns a setting of `env`, or its default, as the text that `readConfig` parses. */
export const settingText = (env: NodeJS.ProcessEnv, field: keyof Config): string => {
  const entry = table.find((one) => one.field === field);
  return (entry && env[entry.name]?.trim()) || entry?.fallback || '';
};

export const badSetting = (sentence: string): TerminalError =>
  new TerminalError('bad_setting', sentence);

/** Whether a name is that of a setting, and whether its value is a secret. */
export const settingOf = (name: string): { isSecret: boolean } | undefined => {
  const entry = table.find((one) => one.name === name);
  return entry && { isSecret: entry.secret === true };
};

/** Returns the name of the environment variable of a setting. */
export const settingName = (field: keyof Config): string =>
  table.find((entry) => entry.field === field)?.name ?? field;

type With<K extends keyof Config> = Config & { [F in K]: NonNullable<Config[F]> };

const hasAll = <K extends keyof Config>(config: Config, fields: readonly K[]): config is With<K> =>
  fields.every((field) => config[field] !== undefined);

/**
 * Returns `config` with the type that the given settings are present.
 * @param why feature that needs the settings, for the error sentence
 * @throws TerminalError missing_setting
 */
export const withSettings = <K extends keyof Config>(
  config: Config,
  why: string,
  fields: readonly K[],
): With<K> => {
  if (hasAll(config, fields)) return config;
  const missing = fields.filter((field) => config[field] === undefined).map(settingName);
  throw new TerminalError('missing_setting', `For ${why} set ${missing.join(' and ')}.`);
};

/** Settings of the service, as a table of shared/platform/README.md. */
export const settingsTable = (): string =>
  rowsOf({
    ...serviceSettings,
    ...quotaSettings,
    ...accessSettings,
    ...webhookSettings,
    ...otelSettings,
  });

/** Settings that matter only with AWS services, as a table of shared/platform/README.md. */
export const cloudSettingsTable = (): string => rowsOf(cloudSettings);

/** The file .env.example. */
export const envExample = (): string =>
  `# Settings of Turnstone, written by \`npm run settings\`. Copy this file to .env, uncomment what you set, and start with:
#   set -a; . ./.env; set +a; npm start

${exampleOf(Settings.shape)}`;
