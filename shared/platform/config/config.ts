import * as z from 'zod';
import { TerminalError } from '../../domain/errors.ts';
import { accessSettings } from './access-settings.ts';
import { cloudSettings } from './cloud-settings.ts';
import { modelSettings } from './model-settings.ts';
import { quotaSettings } from './quota-settings.ts';
import { refineSettings } from './refine-settings.ts';
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
    meaning: 'Address to listen on; `0.0.0.0` to be reached from other machines.',
  }),
  port: wholeNumber(0, 65_535, 'a port, 0 to 65535').register(describe, {
    name: 'TURNSTONE_PORT',
    fallback: '3000',
    meaning: 'Port to listen on; `0` for any free one.',
  }),
  maxConnections: wholeNumber(10, 100_000, 'a number of connections, 10 to 100000').register(
    describe,
    {
      name: 'TURNSTONE_MAX_CONNECTIONS',
      fallback: '1000',
      meaning: 'Connections open at once; one more is closed without an answer.',
    },
  ),
  dataDir: z.string().register(describe, {
    name: 'TURNSTONE_DATA_DIR',
    fallback: '.turnstone',
    meaning: 'Folder that everything is kept in; made when missing.',
  }),
  apiKey: z
    .string()
    .regex(/^[!-~]{16,256}$/, '16 to 256 printable characters without spaces')
    .optional()
    .register(describe, {
      name: 'TURNSTONE_API_KEY',
      meaning:
        'A key of your own choice for the default project (16 characters or more); without it the first start makes one.',
      secret: true,
    }),
  ...modelSettings,
  sweepIntervalMs: wholeNumber(100, 3_600_000, 'milliseconds, 100 to 3600000').register(describe, {
    name: 'TURNSTONE_SWEEP_INTERVAL_MS',
    fallback: '5000',
    meaning: 'Milliseconds between looks for work that is due.',
  }),
  ...refineSettings,
  corsOrigins: list
    .pipe(z.array(z.string().refine(isOrigin, '`*` or origins such as https://app.example.com')))
    .register(describe, {
      name: 'TURNSTONE_CORS_ORIGINS',
      fallback: '',
      meaning: 'Origins, separated by commas, whose web pages may call; `*` for all.',
    }),
  log: oneOf(logLevels).register(describe, {
    name: 'TURNSTONE_LOG',
    fallback: 'info',
    meaning: `What is logged: ${logLevels.map((level) => `\`${level}\``).join(', ')}.`,
  }),
  retainEventsDays: wholeNumber(0, 36_500, 'days, 0 to 36500').register(describe, {
    name: 'TURNSTONE_RETAIN_EVENTS_DAYS',
    fallback: '30',
    meaning: 'Days a final event can be looked up; `0` for good.',
  }),
  retainTurnsDays: wholeNumber(0, 36_500, 'days, 0 to 36500').register(describe, {
    name: 'TURNSTONE_RETAIN_TURNS_DAYS',
    fallback: '0',
    meaning: 'Days the text of a refined turn is kept as its memories’ source; `0` for good.',
  }),
};

export { refuseEmbedded } from './model-settings.ts';

/** Every setting there is: the parser and the tables of the documents are made from this. */
const Settings = z.object({
  ...serviceSettings,
  ...quotaSettings,
  ...accessSettings,
  ...webhookSettings,
  ...cloudSettings,
});

export type Config = z.output<typeof Settings>;

const table = tableOf(Settings.shape);

const refuseUnknown = (env: NodeJS.ProcessEnv): void => {
  const unknown = Object.keys(env).find(
    (name) => name.startsWith('TURNSTONE_') && !table.some((entry) => entry.name === name),
  );
  if (unknown === undefined) return;
  const known = table.map(({ name }) => name).filter((name) => name.startsWith('TURNSTONE_'));
  throw new TerminalError(
    'bad_setting',
    `There is no setting ${unknown}; there are ${known.join(', ')}.`,
  );
};

/**
 * The settings as given in `env`; what is absent or empty takes its default.
 * @throws TerminalError bad_setting: one sentence that names the setting; a secret's value is not repeated
 */
export const readConfig = (env: NodeJS.ProcessEnv = process.env): Config => {
  refuseUnknown(env);
  return parseSettings(Settings, env);
};

/** What the environment gives and, before it, `more`. */
export const givenSettings = (more: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ...process.env,
  ...more,
});

/** A setting as `env` gives it, else its default, as text that `readConfig` understands. */
export const settingText = (env: NodeJS.ProcessEnv, field: keyof Config): string => {
  const entry = table.find((one) => one.field === field);
  return (entry && env[entry.name]?.trim()) || entry?.fallback || '';
};

/** The environment variable of a setting. */
export const settingName = (field: keyof Config): string =>
  table.find((entry) => entry.field === field)?.name ?? field;

type With<K extends keyof Config> = Config & { [F in K]: NonNullable<Config[F]> };

const hasAll = <K extends keyof Config>(config: Config, fields: readonly K[]): config is With<K> =>
  fields.every((field) => config[field] !== undefined);

/**
 * The settings, with those that something cannot do without.
 * @param why names it in the sentence
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
  rowsOf({ ...serviceSettings, ...quotaSettings, ...accessSettings, ...webhookSettings });

/** Settings that matter only with AWS services, as a table of shared/platform/README.md. */
export const cloudSettingsTable = (): string => rowsOf(cloudSettings);

/** The file .env.example. */
export const envExample = (): string =>
  `# Settings of Turnstone, written by \`npm run settings\`. Copy this file to .env, uncomment what you set, and start with:
#   set -a; . ./.env; set +a; npm start

${exampleOf(Settings.shape)}`;
