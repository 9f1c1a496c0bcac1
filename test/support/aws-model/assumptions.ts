/**
 * Assumptions about the services, by documentation, measurement or estimate. Times in ms, prices in US dollars a million; those of
 * gigabytes and terabytes in dollars for one.
 */
export const assumed = {
  table: {
    readMs: 4,
    writeMs: 5,
    transactionMs: 15,
    writeUnitsPerKey: 1_000,
    readUnitsPerKey: 3_000,
    firstWriteUnits: 4_000,
    doublingMs: 1_800_000,
    maxWriteUnits: 40_000,
  },
  queue: { sendMs: 8, pollMs: 25, maxBatch: 10 },
  functions: {
    coldStartMs: 600,
    /** CPU on one whole core for a request to a service: marshalling, signing, parsing. */
    requestCpuMs: 0.6,
    /** The same for a POST to a customer: TLS, signature, bounded answer. */
    postCpuMs: 1.5,
    /** The same for a request of the API: routing, validation, the answer. */
    apiCpuMs: 3,
    /** Memory that has one whole core. */
    coreMb: 1_769,
  },
  /** Functions of a stack with `DEPLOY_WORKERS=50` and `DEPLOY_DISPATCHERS=20`. */
  sizes: {
    api: { memoryMb: 1_024, timeoutMs: 29_000, maxConcurrency: 1_000 },
    worker: { memoryMb: 512, timeoutMs: 120_000, maxConcurrency: 50 },
    dispatcher: { memoryMb: 512, timeoutMs: 90_000, maxConcurrency: 20 },
    sweeper: { memoryMb: 512, timeoutMs: 50_000, maxConcurrency: 1 },
  },
  index: {
    queryMs: 50,
    writeMs: 100,
    lagMs: 5_000,
    queriesPerSecond: 100,
    writesPerSecond: 100,
    /** Bytes of an entry: 1,536 numbers, sparse part, metadata. */
    entryBytes: 7_500,
    minReadUnits: 0.25,
  },
  /** S3 Vectors, each limit of one index and second. */
  vectors: {
    queryMs: 100,
    readMs: 50,
    writeMs: 150,
    queriesPerSecond: 500,
    writeRequestsPerSecond: 1_000,
    vectorsPerSecond: 2_500,
    /** Bytes of a vector: 1,536 numbers, metadata, key. */
    vectorBytes: 7_200,
    /** Bytes that a request to write vectors is charged at least. */
    minPutBytes: 131_072,
  },
  model: {
    minMs: 300,
    maxMs: 1_500,
    embedMs: 150,
    tokensPerTurn: 924,
    tokensPerMinute: 1_000_000_000,
    dimensions: 1_536,
  },
  receiverMs: 50,
  prices: {
    writeUnits: 0.625,
    readUnits: 0.125,
    queueRequests: 0.4,
    gatewayRequests: 1,
    functionRequests: 0.2,
    gbSeconds: 13.33,
    indexReadUnits: 16,
    indexWriteUnits: 4,
    vectorGigabytes: 0.2,
    vectorQueries: 2.5,
    /** For each terabyte of the index that a query searches; half of it beyond 100,000 vectors. */
    vectorTerabytes: 0.004,
  },
};

export type Assumptions = typeof assumed;

const rowsOf = (name: string, value: unknown): [string, string][] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([field, part]) => rowsOf(`${name}.${field}`, part))
    : [[name, String(value)]];

/** The assumptions as rows of a table. */
export const assumptionRows = (used: Assumptions): [string, string][] =>
  Object.entries(used).flatMap(([name, value]) => rowsOf(name, value));
