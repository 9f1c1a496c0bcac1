import type { Endpoint } from '../../domain/webhooks/endpoint.ts';

/** Limit on the attempts in flight of a process, shared equally by its active endpoints. */
export interface FairShare {
  /** Counts an endpoint as active until the returned function is called. */
  join(): () => void;
  /** The endpoint with `maxInFlight` reduced to its share. */
  limit(endpoint: Endpoint): Endpoint;
}

/** Attempts in flight in one process. Every active endpoint may have one, even beyond this. */
const maxInFlightOfProcess = 1_024;

/** Bulkhead: receivers that never answer cannot take the sockets and memory of the others. */
export const createFairShare = (): FairShare => {
  let activeEndpoints = 0;
  return {
    join() {
      activeEndpoints += 1;
      return () => {
        activeEndpoints -= 1;
      };
    },
    limit(endpoint) {
      const share = Math.max(1, Math.floor(maxInFlightOfProcess / Math.max(1, activeEndpoints)));
      return share < endpoint.maxInFlight ? { ...endpoint, maxInFlight: share } : endpoint;
    },
  };
};
