import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Queue } from '../../shared/ports/queue.ts';
import { createWriteUnits } from './write-units.ts';

/** Measured network request. */
export interface Metered {
  service: 'table' | 'queue' | 'index' | 'model';
  name: string;
  start: number;
  end: number;
  /** Capacity that the table charges; 0 for other services. */
  writeUnits: number;
  readUnits: number;
}

interface Capacity {
  CapacityUnits?: number;
}

const unitsOf = (output: object): number => {
  const consumed = 'ConsumedCapacity' in output ? output.ConsumedCapacity : undefined;
  const all = [consumed].flat() as (Capacity | undefined)[];
  return all.reduce((sum, capacity) => sum + (capacity?.CapacityUnits ?? 0), 0);
};

/** Records every request of the wrapped clients: start, end and charged capacity. */
export const createMeter = () => {
  const requests: Metered[] = [];
  const writeUnitsOf = createWriteUnits();

  const note = async <T>(
    service: Metered['service'],
    name: string,
    work: () => Promise<T>,
    units: (answer: T) => { writeUnits: number; readUnits: number } = () => ({
      writeUnits: 0,
      readUnits: 0,
    }),
  ): Promise<T> => {
    const start = performance.now();
    const answer = await work();
    requests.push({ service, name, start, end: performance.now(), ...units(answer) });
    return answer;
  };

  return {
    /** Requests since the last call. */
    taken: (): Metered[] => requests.splice(0),

    watch(client: DynamoDBClient): void {
      client.middlewareStack.add(
        (next, context) => (call) => {
          const name = String(context['commandName']);
          const input = { ...call.input, ReturnConsumedCapacity: 'TOTAL' };
          return note(
            'table',
            name,
            () => next({ ...call, input: input as typeof call.input }),
            ({ output }) => {
              const writeUnits = writeUnitsOf(name, call.input);
              return { writeUnits, readUnits: writeUnits > 0 ? 0 : unitsOf(output) };
            },
          );
        },
        { step: 'initialize', name: 'meter' },
      );
    },

    queue: (queue: Queue): Queue => ({
      send: (hints, delayMs) => note('queue', 'send', () => queue.send(hints, delayMs)),
    }),

    fetch:
      (service: Metered['service']): typeof fetch =>
      (url, init) =>
        note(service, new URL(String(url)).pathname, () => fetch(url, init)),
  };
};

/** Number of sequential round trips: the longest chain of requests without overlap in time. */
export const roundTrips = (requests: readonly Metered[]): number => {
  let trips = 0;
  let free = Number.NEGATIVE_INFINITY;
  for (const { start, end } of requests.toSorted((a, b) => a.end - b.end)) {
    if (start < free) continue;
    trips += 1;
    free = end;
  }
  return trips;
};
