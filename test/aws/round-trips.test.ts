import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import '../support/dynamodb-setup.ts';
import { openMeteredService } from '../support/metered-service.ts';
import { type Metered, roundTrips } from '../support/request-counter.ts';

let service: Awaited<ReturnType<typeof openMeteredService>>;
beforeAll(async () => {
  service = await openMeteredService(inject('dynamoDbEndpoint'));
  // The first request loads SDKs and opens connections.
  await service.add('I like tea.', 'first');
  await service.refine('first');
  await service.search('tea', 'first');
});
afterAll(() => service.close());

const of = (requests: readonly Metered[], service: Metered['service']) =>
  requests.filter((request) => request.service === service);

const summary = (requests: readonly Metered[]): string =>
  requests.map(({ service, name }) => `${service} ${name}`).join(', ');

describe('requests over the network', () => {
  it('an add makes two round trips before it answers: the transaction, the hints', async () => {
    // The settings of the project are read once in five seconds.
    await service.add('I like wind.', 'ann');

    const { requests } = await service.measure(() => service.add('I like rain.', 'ann'));

    expect(roundTrips(requests), summary(requests)).toBeLessThanOrEqual(2);
    expect(of(requests, 'queue')).toHaveLength(1);
  });

  it('a search makes two round trips to the table as long as nothing is refined', async () => {
    await service.add('I like snow.', 'bo');

    const { result, requests } = await service.measure(() => service.search('snow', 'bo'));

    expect(result).toMatchObject([{ rough: true }]);
    expect(roundTrips(of(requests, 'table')), summary(requests)).toBe(2);
    expect(of(requests, 'index')).toEqual([]);
  });

  it('a full search makes at most four round trips, one after the other', async () => {
    await service.add('I like hail.', 'cy');
    await service.refine('cy');

    const { result, requests } = await service.measure(() => service.search('hail', 'cy'));

    expect(result).toMatchObject([{ rough: false, text: 'I like hail.' }]);
    expect(roundTrips(requests), summary(requests)).toBeLessThanOrEqual(4);
  });
});
