import { startDynamoDbLocal } from '../support/dynamodb-local.ts';
import { openMeteredService } from '../support/metered-service.ts';
import { type Metered, roundTrips } from '../support/request-counter.ts';
import { report } from './stats.ts';

// What an add costs on AWS: requests and units that the real adapters make on DynamoDB Local, times the prices below.
const adds = 20;

/** US dollars for a million, us-east-1, November 2026, on demand; Lambda on arm64 by the GB-second. */
const prices = {
  writeUnits: 0.625,
  readUnits: 0.125,
  queueRequests: 0.4,
  gatewayRequests: 1,
  lambdaRequests: 0.2,
  lambdaGbSeconds: 13.33,
};
/** Seconds of one GB: the API answers, the worker waits for the model, the dispatcher expands the outbox. */
const gbSeconds = { add: 1 * 0.03, refine: 0.5 * 1.5, tell: 0.5 * 0.03 };

const sum = (requests: readonly Metered[], units: 'writeUnits' | 'readUnits'): number =>
  requests.reduce((total, request) => total + request[units], 0) / adds;

const count = (requests: readonly Metered[], service: Metered['service']): number =>
  requests.filter((request) => request.service === service).length / adds;

const describe = (name: string, requests: readonly Metered[], seconds: number, gateway: number) => {
  const [written, read] = [sum(requests, 'writeUnits'), sum(requests, 'readUnits')];
  // A message is sent, received and deleted.
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

/** The most round trips that a search of one of the users makes. */
const searchTrips = async (users: readonly string[]): Promise<number> => {
  const trips: number[] = [];
  for (const user of users) {
    const { requests } = await service.measure(() => service.search('Where do I live?', user));
    trips.push(roundTrips(requests));
  }
  return Math.max(...trips);
};

const said: Metered[][] = [];
const refined: Metered[] = [];
const told: Metered[] = [];
for (const user of users) {
  const added = await service.measure(() => service.add('I moved to Lisbon last week.', user));
  said.push(added.requests);
  refined.push(...(await service.measure(() => service.refine(user))).requests);
  told.push(...(await service.measure(() => service.expandOutbox(added.result, user))).requests);
}
const fullTrips = await searchTrips(users);
for (const user of newcomers) await service.add('I moved to Lisbon last week.', user);
const roughTrips = await searchTrips(newcomers);
await service.close();
await database.stop();

console.log(`Prices assumed, US dollars a million: ${JSON.stringify(prices)}.`);
const total =
  describe('an add', said.flat(), gbSeconds.add, 1) +
  describe('its refinement', refined, gbSeconds.refine, 0) +
  describe('telling of it', told, gbSeconds.tell, 0);
const trips = Math.max(...said.map(roundTrips));
report('aws-add', `$${total.toFixed(2)} per million adds, without the model and the index`, 'none');
report('aws-add', `${trips} round trips before an add answers`, 'at most 2');
report('aws-add', `${roughTrips} round trips of a rough-only search`, 'at most 2');
report('aws-add', `${fullTrips} round trips of a full search`, 'at most 4');
if (trips > 2 || roughTrips > 2 || fullTrips > 4) process.exitCode = 1;
