import { parseArgs } from 'node:util';
import { assumed, assumptionRows } from '../support/aws-model/assumptions.ts';
import { measureDeletion } from '../support/aws-model/measure-deletion.ts';
import { type Load, type LoadResult, measureLoad } from '../support/aws-model/measure-load.ts';
import { openRetainedEvents } from '../support/aws-model/retained-events.ts';
import { type Measured, printGoals } from './scale-goals.ts';
import { report } from './stats.ts';

// Walls of the stack on AWS, by a model of its services in virtual time: the real handlers, core and adapters run against modelled
// tables, queues, functions, index and model server.
const { values } = parseArgs({
  options: {
    /** Names of loads, separated by commas. */
    loads: { type: 'string', default: 'users,agent,hot,endpoint' },
    /** Adds a second, in rising order; the first that is not sustained ends a load. */
    rates: { type: 'string', default: '2,5,10,20,50,100,200,500,1000' },
    /** Minutes of each load. */
    minutes: { type: 'string', default: '5' },
    /** Write units a second that the table was prepared for (warm throughput); 4000: a new table. */
    warm: { type: 'string', default: '400000' },
    /** Maximum concurrency of the worker (`DEPLOY_WORKERS`). */
    workers: { type: 'string', default: '50' },
    index: { type: 'string', default: 'pinecone' },
    /** Indexes of S3 Vectors (`TURNSTONE_VECTOR_INDEXES`). */
    indexes: { type: 'string', default: '1' },
    /** Memories of the delete-all, whose figures are scaled to 100,000. */
    memories: { type: 'string', default: '1000' },
  },
});

const loads: Record<string, Load> = {
  users: { name: 'one project with many users', entitiesOf: (add) => ({ user: `user-${add}` }) },
  agent: {
    name: 'one project with one shared agent',
    entitiesOf: (add) => ({ user: `user-${add}`, agent: 'shared' }),
  },
  hot: { name: 'one hot user', entitiesOf: () => ({ user: 'hot' }) },
  endpoint: {
    name: 'one endpoint for all events, 64 in flight',
    entitiesOf: (add) => ({ user: `user-${add}` }),
    maxInFlight: 64,
  },
  deliveries: {
    name: 'one endpoint, 64 in flight, facts alone',
    entitiesOf: () => ({}),
    maxInFlight: 64,
    onlyFacts: true,
  },
};

const warm = Number(values.warm);
const used = {
  ...assumed,
  table: {
    ...assumed.table,
    firstWriteUnits: warm,
    maxWriteUnits: Math.max(warm, assumed.table.maxWriteUnits),
  },
  sizes: {
    ...assumed.sizes,
    worker: { ...assumed.sizes.worker, maxConcurrency: Number(values.workers) },
  },
};

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

const describe = (result: LoadResult): string =>
  [
    `p99 of an add ${Math.round(result.addP99Ms)} ms`,
    `p99 of accept to refined ${seconds(result.refinedP99Ms)}`,
    ...(Number.isNaN(result.postP99Ms)
      ? []
      : [
          `${result.deliveriesPerSecond.toFixed(1)} deliveries/s, p99 to the POST ${seconds(result.postP99Ms)}`,
        ]),
    `${result.conflictsPerRefinement.toFixed(2)} conflicts per refinement`,
    `hottest key ${result.hottestKey.name} ${result.hottestKey.unitsPerSecond.toFixed(0)} write units/s`,
    `key of the reads ${result.hottestRead.name} ${result.hottestRead.unitsPerSecond.toFixed(0)} read units/s`,
    `oldest due ${seconds(result.oldestDueMs)}`,
  ].join(', ');

if (values.index !== 'pinecone' && values.index !== 's3vectors')
  throw new Error(`unknown index ${values.index}: pinecone, s3vectors`);
const { index } = values;

const pairs = (all: readonly [string, number][]): string =>
  all.map(([name, count]) => `${name.replaceAll('\n', ' ')} x${count}`).join('; ');

console.log('Assumptions:');
for (const [name, value] of assumptionRows(used)) console.log(`  ${name.padEnd(34)} ${value}`);

const measured = new Map<string, Measured>();
for (const id of values.loads.split(',')) {
  const known = loads[id];
  const load = known && {
    ...known,
    ...(index === 's3vectors' && { vectorIndexes: Number(values.indexes) }),
  };
  if (!load) throw new Error(`unknown load ${id}: ${Object.keys(loads).join(', ')}`);
  const alone = { ratePerSecond: 5, minutes: 1, quietMinutes: 8 };
  const { cost } = load.onlyFacts ? {} : await measureLoad(used, load, alone);
  if (cost)
    report(
      `scale ${id}`,
      `$${cost.aws.toFixed(2)} per million adds on AWS, $${cost.index.toFixed(2)} for the index: ${cost.writeUnits.toFixed(1)} write and ${cost.readUnits.toFixed(1)} read units, ${cost.queueRequests.toFixed(1)} queue requests, ${cost.gbSeconds.toFixed(2)} GB-s, ${cost.sweeperHints.toFixed(2)} hints of the sweeper an add`,
      '$68',
    );
  let sustained: LoadResult | undefined;
  let deliveriesPerSecond = 0;
  for (const ratePerSecond of values.rates.split(',').map(Number)) {
    const result = await measureLoad(used, load, {
      ratePerSecond,
      minutes: Number(values.minutes),
    });
    const state = result.isSustained ? 'sustained' : 'NOT sustained';
    console.log(`  ${load.name}, ${ratePerSecond}/s ${state}: ${describe(result)}`);
    if (result.warnings.length > 0)
      console.log(
        `    ${pairs(result.warnings)}; conflicts at ${pairs(result.conflictsByKey) || 'no item'}; ${result.failedAdds} adds failed, ${result.throttled} requests throttled: ${pairs(result.throttledBy) || 'at no key'}`,
      );
    deliveriesPerSecond = Math.max(deliveriesPerSecond, result.deliveriesPerSecond);
    if (!result.isSustained) break;
    sustained = result;
  }
  measured.set(id, { cost, sustained, deliveriesPerSecond });
  report(
    `scale ${id}`,
    sustained
      ? `${sustained.ratePerSecond} adds/s sustained: ${describe(sustained)}`
      : 'no rate sustained',
    '1000 adds/s',
  );
}

const { read, service } = await openRetainedEvents(1_000);
const { units: eventPage } = await read('/v1/events/');
await service.close();
const memories = Number(values.memories);
const deletion = { memories, ...(await measureDeletion(used, memories)) };
console.log('Goals, by these assumptions:');
printGoals({ loads: measured, eventPage, deletion, index });
