import * as z from 'zod';
import { TerminalError } from '../../domain/errors.ts';
import { describe, oneOf, wholeNumber } from './setting.ts';
import { parseSettings, rowsOf, tableOf } from './settings-table.ts';

const parallel = wholeNumber(2, 1_000, 'a whole number, 2 to 1000');
const rate = wholeNumber(1, 10_000, 'a whole number, 1 to 10000');

/** What only the stack on AWS asks for; the functions never see it. */
const deploySettings = {
  alarmEmail: z
    .string()
    .regex(/^[^@\s]+@[^@\s]+$/, 'an e-mail address')
    .optional()
    .register(describe, {
      name: 'DEPLOY_ALARM_EMAIL',
      description: 'Who is told of alarms; AWS first asks that address to agree.',
    }),
  logDays: oneOf(['1', '3', '5', '7', '14', '30', '60', '90', '180', '365'])
    .transform(Number)
    .register(describe, {
      name: 'DEPLOY_LOG_DAYS',
      fallback: '30',
      description: 'Days that logs are kept: 1, 3, 5, 7, 14, 30, 60, 90, 180 or 365.',
    }),
  keepData: oneOf(['true', 'false'])
    .transform((text) => text === 'true')
    .register(describe, {
      name: 'DEPLOY_KEEP_DATA',
      fallback: 'true',
      description:
        '`true`: the table and the KMS key outlive the stack, and the table cannot be deleted by mistake. `false` for a stack to throw away.',
    }),
  recoveryDays: wholeNumber(0, 35, 'days, 0 to 35').register(describe, {
    name: 'DEPLOY_RECOVERY_DAYS',
    fallback: '35',
    description:
      'Days back that the table can be restored to any second of, 1 to 35; so long AWS keeps what was deleted, too. `0`: it cannot be restored, and nothing is kept.',
  }),
  workers: parallel.clone().register(describe, {
    name: 'DEPLOY_WORKERS',
    fallback: '50',
    description: 'Workers at the same time at most, 2 to 1000: what the model and its limits bear.',
  }),
  dispatchers: parallel.clone().register(describe, {
    name: 'DEPLOY_DISPATCHERS',
    fallback: '20',
    description: 'Dispatchers at the same time at most, 2 to 1000.',
  }),
  requestsPerSecond: rate.clone().register(describe, {
    name: 'DEPLOY_REQUESTS_PER_SECOND',
    fallback: '500',
    description: 'Requests per second, of all callers together, above which the API answers 429.',
  }),
  burst: rate.clone().register(describe, {
    name: 'DEPLOY_BURST',
    fallback: '1000',
    description: 'Requests that may come at once all the same.',
  }),
  slowMs: wholeNumber(1, 30_000, 'milliseconds, 1 to 30000').register(describe, {
    name: 'DEPLOY_SLOW_MS',
    fallback: '3000',
    description:
      'Milliseconds of the slowest hundredth of requests (p99) above which an alarm goes off; 26000 where many requests wait for their result.',
  }),
  tokensPerHour: wholeNumber(1, 1e12, 'a whole number, 1 or more').register(describe, {
    name: 'DEPLOY_TOKENS_PER_HOUR',
    fallback: '5000000',
    description: 'Tokens of the language model per hour above which the spend alarm goes off.',
  }),
  monthlyBudget: wholeNumber(0, 1e7, 'US dollars, 0 to 10000000').register(describe, {
    name: 'DEPLOY_MONTHLY_BUDGET',
    fallback: '0',
    description:
      'US dollars per month of the whole AWS account, of which the alarm topic is told at 80 % and when more is forecast; `0` for no budget.',
  }),
};

const Deployment = z.object(deploySettings);
export type Deployment = z.output<typeof Deployment>;

/**
 * @param said what was given for this deployment, where an unknown name is a mistake; other programs have a say in `env`
 * @throws TerminalError bad_setting
 */
export const readDeployment = (said: NodeJS.ProcessEnv, env: NodeJS.ProcessEnv): Deployment => {
  const names = tableOf(deploySettings).map(({ name }) => name);
  const unknown = Object.keys(said).find(
    (name) => name.startsWith('DEPLOY_') && !names.includes(name),
  );
  if (unknown !== undefined) {
    const sentence = `There is no setting ${unknown}; there are ${names.join(', ')}.`;
    throw new TerminalError('bad_setting', sentence);
  }
  return parseSettings(Deployment, { ...env, ...said });
};

/** The table of them for the page on deploying. */
export const deploySettingsTable = (): string => rowsOf(deploySettings);
