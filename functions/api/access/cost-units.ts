/** Cost units that a request of each class takes from its rate limits. */
export const unitsByWork = {
  /** Lookup of one item. */
  get: 1,
  add: 1,
  /** Change of one item and of the items derived from it. */
  change: 2,
  search: 5,
  list: 5,
  /** Request that leads to a DNS lookup or a POST to a receiver. */
  outbound: 5,
  /** Base cost of a batch; each item costs `unitsPerItem` more. */
  batch: 5,
  /** Job over all items of an entity or an endpoint. */
  job: 50,
} as const;

export type Work = keyof typeof unitsByWork;

/** Cost units of each item of a batch. */
export const unitsPerItem = 2;

/** Conditions on parts of texts that cost one unit: each is compared with every memory of the entity. */
const partConditionsPerUnit = 8;

/** Returns the additional units of a filter by its conditions on parts of texts. */
export const unitsOfPartConditions = (count: number): number =>
  Math.floor(count / partConditionsPerUnit);

/** Bytes of a request body that cost one unit. */
const bytesPerUnit = 16_384;
/** Bytes charged in advance for a body without Content-Length. */
const undeclaredBytes = 262_144;

const bodyBytes = (declared: string | undefined, isChunked: boolean): number => {
  if (declared === undefined) return isChunked ? undeclaredBytes : 0;
  const bytes = Number(declared);
  return Number.isFinite(bytes) && bytes > 0 ? bytes : 0;
};

/** Returns the additional units of a body without Content-Length, once its length is known. */
export const unitsBeyondUndeclared = (bytes: number): number =>
  Math.max(0, Math.floor((bytes - undeclaredBytes) / bytesPerUnit));

/** Returns the cost of a request before its body is read. */
export const unitsOfRequest = (work: Work, header: (name: string) => string | undefined): number =>
  unitsByWork[work] +
  Math.floor(
    bodyBytes(header('content-length'), header('transfer-encoding') !== undefined) / bytesPerUnit,
  );
