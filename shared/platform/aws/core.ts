import { createDynamoDbClient } from '../../adapters/dynamodb/client.ts';
import { createDynamoDbStore } from '../../adapters/dynamodb/store.ts';
import { createSqsClient } from '../../adapters/sqs/client.ts';
import { createSqsQueue } from '../../adapters/sqs/queue.ts';
import { systemClock } from '../../adapters/system/clock.ts';
import { createEmfLogger } from '../../adapters/system/emf-logger.ts';
import { createIds } from '../../adapters/system/ids.ts';
import type { CorePlatform } from '../../ports/platform.ts';
import { type Config, withSettings } from '../config/config.ts';
import { metricNamespace, metricTable } from '../config/config-metrics.ts';
import { policyOf } from '../config-to-options.ts';

/** Queues that take hints of their own from the queue of turns. */
const furtherQueues = ({ filesQueueUrl, upkeepQueueUrl }: Config) => ({
  ...(filesQueueUrl === undefined ? {} : { filesQueueUrl }),
  ...(upkeepQueueUrl === undefined ? {} : { upkeepQueueUrl }),
});

/**
 * Builds the parts that all functions share: the table, the queues, and logs that carry metrics. Called once per Lambda
 * environment; every invocation of that environment reuses the result.
 * @throws TerminalError missing_setting
 */
export const createAwsCore = (config: Config): CorePlatform => {
  const { table, turnsQueueUrl, notificationsQueueUrl } = withSettings(config, 'AWS', [
    'table',
    'turnsQueueUrl',
    'notificationsQueueUrl',
  ]);
  const clock = systemClock;
  const ids = createIds(clock);
  const telemetry = createEmfLogger({
    clock,
    level: config.log,
    namespace: metricNamespace,
    dimensions: { stage: config.stage },
    metrics: metricTable,
    write: (line) => void process.stdout.write(line),
  });
  const sqs = createSqsClient();
  return {
    store: createDynamoDbStore({ client: createDynamoDbClient(), table, clock, ids, telemetry }),
    turns: createSqsQueue({ client: sqs, queueUrl: turnsQueueUrl, ...furtherQueues(config) }),
    notifications: createSqsQueue({ client: sqs, queueUrl: notificationsQueueUrl }),
    telemetry,
    clock,
    ids,
    policy: policyOf(config),
    caches: { recordedEntities: new Set(), entryVectors: new Map() },
  };
};
