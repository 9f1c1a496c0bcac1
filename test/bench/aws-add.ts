import { startDynamoDbLocal } from '../support/dynamodb-local.ts';
import { openMeteredService } from '../support/metered-service.ts';
import { type Metered, roundTrips } from '../support/request-counter.ts';
import { report } from './stats.ts';

// Cost of an add on AWS: requests and units that the real adapters make on DynamoDB Local, times the prices below.
const adds = 20;

/** US dollars per million, us-east-1, November 2026, on demand; Lambda on arm64 per million GB-seconds. */
const prices = {
  writeUnits: 0.625,
  readUnits: 0.125,
  queueRequests: 0.4,
  gatewayRequests: 1,
  lambdaRequests: 0.2,
  lambdaGbSeconds: 13.33,
};
/** GB-seconds of a function: the API answers, the worker waits for the model, the dispatcher expands the outbox. */
const gbSeconds = { add: 1 * 0.03, refine: 0.5 * 1.5, expand: 0.5 * 0.03 };

const sum = (requests: readonly Metered[], units: 'writeUnits' | 'readUnits'): number =>
  requests.reduce((total, request) => total + request[units], 0) / adds;

const count = (requests: readonly Metered[], service: Metered['service']): number =>
  requests.filter((request) => request.service === service).length / adds;

const describe = (name: string, requests: readonly Metered[], seconds: number, gateway: number) => {
  const [written, read] = [sum(requests, 'writeUnits'), sum(requests, 'readUnits')];
  // Each message costs three requests: send, receive, delete.
  const queue = 3 * count(requests, 'queue');
  const dollars =
    written * prices.writeUnits +
    read * prices.readUnits +
    queue * prices.queueRequests +
    gateway * prices.gatewayRequests +
    prices.lambdaRequests +
    seconds * prices.lambdaGbSeconds;
  console.log(
    `${name}: ${count(requests, 'table')} table requests, ${written} write and ${read} read units, ${queue} queue requests, ${count(requests, 'index')} to the index, ${count(requests, 'model')} to the model: $${dollars.toFixed(2)} a million`,
  );
  return dollars;
};

const database = await startDynamoDbLocal();
const service = await openMeteredService(database.endpoint);
const users = Array.from({ length: adds }, (_, i) => `user-${i}`);
const newcomers = users.map((user) => `new-${user}`);
for (const user of users) {
  await service.add('I grew up by the sea.', user);
  await service.refine(user);
}

/** Largest number of round trips that a search for one of the users makes. */
const searchTrips = async (users: readonly string[]): Promise<number> => {
  const trips: number[] = [];
  for (const user of users) {
    const { requests } = await service.measure(() => service.search('Where do I live?', user));
    trips.push(roundTrips(requests));
  }
  return Math.max(...trips);
};

const added: Metered[][] = [];
const refined: Metered[] = [];
const expanded: Metered[] = [];
for (const user of users) {
  const add = await service.measure(() => service.add('I moved to Lisbon last week.', user));
  added.push(add.requests);
  refined.push(...(await service.measure(() => service.refine(user))).requests);
  expanded.push(...(await service.measure(() => service.expandOutbox(add.result, user))).requests);
}
const fullTrips = await searchTrips(users);
for (const user of newcomers) await service.add('I moved to Lisbon last week.', user);
const roughTrips = await searchTrips(newcomers);
await service.close();
await database.stop();

console.log(`Prices assumed, US dollars a million: ${JSON.stringify(prices)}.`);
const total =
  describe('an add', added.flat(), gbSeconds.add, 1) +
  describe('its refinement', refined, gbSeconds.refine, 0) +
  describe('expanding its outbox', expanded, gbSeconds.expand, 0);
const trips = Math.max(...added.map(roundTrips));
report('aws-add', `$${total.toFixed(2)} per million adds, without the model and the index`, 'none');
report('aws-add', `${trips} round trips before an add answers`, 'at most 2');
report('aws-add', `${roughTrips} round trips of a rough-only search`, 'at most 2');
report('aws-add', `${fullTrips} round trips of a full search`, 'at most 4');
if (trips > 2 || roughTrips > 2 || fullTrips > 4) process.exitCode = 1;
