/** The kinds of work that a request can be, with the cost units that it takes from its rate limits. */
export const unitsOf = {
  /** One thing is looked up or answered from memory. */
  get: 1,
  add: 1,
  /** One thing is changed, and what was derived from it. */
  change: 2,
  search: 5,
  list: 5,
  /** A host name is looked up, or a receiver is posted to. */
  outbound: 5,
  /** As many changes again as it names: each is charged for on top. */
  batch: 5,
  /** A job that goes through all that an entity or an endpoint has. */
  job: 50,
} as const;

export type Work = keyof typeof unitsOf;

/** Further units for each item of a batch. */
export const unitsPerItem = 2;

/** Bytes of a body that cost a unit more. */
const bytesPerUnit = 16_384;
/** Charged for when a request does not say how long its body is. */
const undeclaredBytes = 262_144;

const bodyBytes = (declared: string | undefined, isChunked: boolean): number => {
  if (declared === undefined) return isChunked ? undeclaredBytes : 0;
  const bytes = Number(declared);
  return Number.isFinite(bytes) && bytes > 0 ? bytes : 0;
};

/** Further units of a body that came without its length, once its bytes are known. */
export const unitsBeyondUndeclared = (bytes: number): number =>
  Math.max(0, Math.floor((bytes - undeclaredBytes) / bytesPerUnit));

/** What a request costs before its body is read. */
export const unitsOfRequest = (work: Work, header: (name: string) => string | undefined): number =>
  unitsOf[work] +
  Math.floor(
    bodyBytes(header('content-length'), header('transfer-encoding') !== undefined) / bytesPerUnit,
  );
