import type { WorkCounts } from '../../domain/usage.ts';
import type { LogFields, Telemetry } from '../../ports/telemetry.ts';
import type { UsageMeter } from './usage-meter.ts';

const numberIn = (value: LogFields[string]): number => (typeof value === 'number' ? value : 0);

const countsOf = (event: string, fields: LogFields): Partial<WorkCounts> | undefined => {
  if (event === 'turn.refined')
    return {
      refinements: 1,
      promptTokens: numberIn(fields['promptTokens']),
      completionTokens: numberIn(fields['completionTokens']),
    };
  if (event === 'delivery.attempted')
    return fields['ok'] === true ? { deliveries: 1 } : { failedDeliveries: 1 };
  return undefined;
};

/**
 * Returns a log that also counts refinements, their tokens and attempts of deliveries, as usage of their project. A crash loses the counts
 * of a minute at most, a repeated event counts again.
 */
export const countWork = (
  meter: Pick<UsageMeter, 'countWork'>,
  telemetry: Telemetry,
): Telemetry => ({
  log(level, event, fields = {}) {
    const counts = countsOf(event, fields);
    const { project } = fields;
    if (counts && typeof project === 'string') meter.countWork(project, counts);
    telemetry.log(level, event, fields);
  },
});
