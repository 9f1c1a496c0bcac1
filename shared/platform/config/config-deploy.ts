import * as z from 'zod';
import { TerminalError } from '../../domain/errors.ts';
import { describe, oneOf, wholeNumber } from './setting.ts';
import { parseSettings, rowsOf, tableOf } from './settings-table.ts';

const parallel = wholeNumber(2, 1_000, 'a whole number, 2 to 1000');
/** Each of the two queues of the worker takes at least 2. */
const workers = wholeNumber(4, 1_000, 'a whole number, 4 to 1000');
const rate = wholeNumber(1, 10_000, 'a whole number, 1 to 10000');

/** Settings of the stack on AWS. The functions do not get them. */
const deploySettings = {
  alarmEmail: z
    .string()
    .regex(/^[^@\s]+@[^@\s]+$/, 'an e-mail address')
    .optional()
    .register(describe, {
      name: 'DEPLOY_ALARM_EMAIL',
      description: 'E-mail address for alarms; AWS first asks it to confirm the subscription.',
    }),
  logDays: oneOf(['1', '3', '5', '7', '14', '30', '60', '90', '180', '365'])
    .transform(Number)
    .register(describe, {
      name: 'DEPLOY_LOG_DAYS',
      fallback: '30',
      description: 'Retention of logs in days: 1, 3, 5, 7, 14, 30, 60, 90, 180 or 365.',
    }),
  keepData: oneOf(['true', 'false'])
    .transform((text) => text === 'true')
    .register(describe, {
      name: 'DEPLOY_KEEP_DATA',
      fallback: 'true',
      description:
        '`true`: the table, the bucket and the KMS key outlive the stack, and the table has deletion protection. `false` is for test stacks: all data is deleted with the stack, whose bucket must be empty by then.',
    }),
  recoveryDays: wholeNumber(0, 35, 'days, 0 to 35').register(describe, {
    name: 'DEPLOY_RECOVERY_DAYS',
    fallback: '35',
    description:
      'Days of point-in-time recovery, 1 to 35: the table can be restored to any second in them, and AWS keeps deleted data that long. `0`: no recovery, and deleted data is gone at once.',
  }),
  warmWrites: wholeNumber(0, 1e6, 'write units per second, 0, or 4000 to 1000000')
    .refine(
      (value) => value === 0 || value >= 4_000,
      'write units per second, 0, or 4000 to 1000000',
    )
    .register(describe, {
      name: 'DEPLOY_WARM_WRITES',
      fallback: '0',
      description:
        'Write units per second that the table and its indexes take at once; an add takes 60. AWS charges for them once, and lets you raise, not lower them. `0`: a new table begins with 4,000 and grows with its traffic.',
    }),
  tableName: z
    .string()
    .regex(/^[\w.-]{3,255}$/, 'the name of a table')
    .optional()
    .register(describe, {
      name: 'DEPLOY_TABLE',
      description:
        'Name of a table that exists, such as a restored one, to use instead of one of the stack. The stack does not change it.',
    }),
  bucketName: z
    .string()
    .regex(/^[a-z0-9.-]{3,63}$/, 'the name of a bucket')
    .optional()
    .register(describe, {
      name: 'DEPLOY_BUCKET',
      description:
        'Name of a bucket that exists, for attachments, to use instead of one of the stack.',
    }),
  webhookKeyArn: z
    .string()
    .regex(/^arn:[\w-]+:kms:[\w-]+:\d{12}:key\/[\w-]+$/, 'the ARN of a KMS key')
    .optional()
    .register(describe, {
      name: 'DEPLOY_WEBHOOK_KEY',
      description:
        'ARN of the KMS key that sealed the webhook secrets of `DEPLOY_TABLE`, to use instead of one of the stack.',
    }),
  canary: oneOf(['true', 'false'])
    .transform((text) => text === 'true')
    .register(describe, {
      name: 'DEPLOY_CANARY',
      fallback: 'true',
      description:
        '`true`: a new version gets a tenth of the calls for five minutes, and an alarm of its function restores the old version. `false`: all calls at once, whatever the alarms say, for a fix while an alarm is on.',
    }),
  reindex: oneOf(['true', 'false'])
    .transform((text) => text === 'true')
    .register(describe, {
      name: 'DEPLOY_REINDEX',
      fallback: 'false',
      description:
        '`true`: `npm run deploy` may change the embedding model, its dimension, the index (`TURNSTONE_INDEX`), its host or its number of buckets or indexes. Every memory is embedded or indexed again.',
    }),
  workers: workers.register(describe, {
    name: 'DEPLOY_WORKERS',
    fallback: '4',
    description:
      'Maximum concurrency of the worker, 4 to 1000: a quarter of it, at least 2, keeps the index, the rest refines. Files have up to 10 more. The default fits a new account, which has 10 concurrent executions in all; choose it by the rate limits of the model.',
  }),
  dispatchers: parallel.clone().register(describe, {
    name: 'DEPLOY_DISPATCHERS',
    fallback: '2',
    description: 'Maximum concurrency of the dispatcher, 2 to 1000.',
  }),
  requestsPerSecond: rate.clone().register(describe, {
    name: 'DEPLOY_REQUESTS_PER_SECOND',
    fallback: '500',
    description: 'Requests per second of all callers together; above that, the API answers 429.',
  }),
  burst: rate.clone().register(describe, {
    name: 'DEPLOY_BURST',
    fallback: '1000',
    description: 'Burst: requests that all callers together may send at once.',
  }),
  slowMs: wholeNumber(1, 30_000, 'milliseconds, 1 to 30000').register(describe, {
    name: 'DEPLOY_SLOW_MS',
    fallback: '3000',
    description:
      'Threshold of the latency alarm (p99) in milliseconds; use 26000 if many requests wait for their result.',
  }),
  tokensPerHour: wholeNumber(1, 1e12, 'a whole number, 1 or more').register(describe, {
    name: 'DEPLOY_TOKENS_PER_HOUR',
    fallback: '5000000',
    description: 'Threshold of the spend alarm: tokens of the language model per hour.',
  }),
  monthlyBudget: wholeNumber(0, 1e7, 'US dollars, 0 to 10000000').register(describe, {
    name: 'DEPLOY_MONTHLY_BUDGET',
    fallback: '0',
    description:
      'Budget of the whole AWS account in US dollars per month. The alarm topic gets a message at 80 % of it, and when the forecast exceeds it. `0` for no budget.',
  }),
};

const Deployment = z.object(deploySettings);
export type Deployment = z.output<typeof Deployment>;

/**
 * Reads the settings of a deployment.
 * @param given values given on the command line; an unknown `DEPLOY_` name among them is rejected
 * @param env environment; unknown names are ignored, since they may belong to other programs
 * @throws TerminalError bad_setting
 */
export const readDeployment = (given: NodeJS.ProcessEnv, env: NodeJS.ProcessEnv): Deployment => {
  const names = tableOf(deploySettings).map(({ name }) => name);
  const unknown = Object.keys(given).find(
    (name) => name.startsWith('DEPLOY_') && !names.includes(name),
  );
  if (unknown !== undefined) {
    const sentence = `Unknown setting ${unknown}. Known settings: ${names.join(', ')}.`;
    throw new TerminalError('bad_setting', sentence);
  }
  return parseSettings(Deployment, { ...env, ...given });
};

/** Returns the table for infra/README.md. */
export const deploySettingsTable = (): string => rowsOf(deploySettings);
