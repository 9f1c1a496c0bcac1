import type { Charge } from './table-items.ts';

/** Token bucket: units a second, of which unused ones of `seconds` are kept. */
export const createBucket = (now: () => number, unitsPerSecond: () => number, seconds = 1) => {
  let used = 0;
  let at = now();
  const refill = (): void => {
    const time = now();
    used = Math.max(0, used - ((time - at) / 1_000) * unitsPerSecond());
    at = time;
  };
  return {
    /** Whether a request is admitted: the last one may use more than is left, as the service allows. */
    hasUnits(): boolean {
      refill();
      return used < unitsPerSecond() * seconds;
    },
    use(units: number): void {
      refill();
      used += units;
    },
  };
};

export interface CapacityLimits {
  writeUnitsPerKey: number;
  readUnitsPerKey: number;
  /** Write units a second of a new table, and of each of its indexes. */
  firstWriteUnits: number;
  /** The throughput that traffic of so long ago reached is doubled, ms. */
  doublingMs: number;
  /** Quota of the table. */
  maxWriteUnits: number;
}

/** Throughput that an on-demand table admits: at first a fixed one, then twice the peak of the time before the last half hour. */
const createRamp = (now: () => number, limits: CapacityLimits) => {
  const start = now();
  const peaks: number[] = [];
  let second = 0;
  let inSecond = 0;
  const periodOf = (time: number): number => Math.floor((time - start) / limits.doublingMs);
  const allowed = (): number => {
    const earlier = peaks.slice(0, periodOf(now()));
    const peak = Math.max(0, ...earlier.filter((value) => value !== undefined));
    return Math.min(limits.maxWriteUnits, Math.max(limits.firstWriteUnits, 2 * peak));
  };
  const bucket = createBucket(now, allowed);
  return {
    hasUnits: bucket.hasUnits,
    use(units: number): void {
      bucket.use(units);
      const current = Math.floor(now() / 1_000);
      inSecond = current === second ? inSecond + units : units;
      second = current;
      const period = periodOf(now());
      peaks[period] = Math.max(peaks[period] ?? 0, inSecond);
    },
  };
};

const tableName = 'table';

/** Throughput of the table, its indexes and each of their keys, with the units used so far. */
export const createCapacity = (now: () => number, limits: CapacityLimits) => {
  const keys = new Map<string, ReturnType<typeof createBucket>>();
  const ramps = new Map<string, ReturnType<typeof createRamp>>();
  const used = new Map<string, number>();
  const usedByReads = new Map<string, number>();
  const throttledBy = new Map<string, number>();
  const total = { writeUnits: 0, readUnits: 0, throttled: 0 };

  const bucketOf = (name: string, units: number) => {
    const bucket = keys.get(name) ?? createBucket(now, () => units);
    keys.set(name, bucket);
    return bucket;
  };
  const rampOf = (index: string | undefined) => {
    const name = index ?? tableName;
    const ramp = ramps.get(name) ?? createRamp(now, limits);
    ramps.set(name, ramp);
    return ramp;
  };
  const nameOf = ({ index, partition }: Charge): string => `${index ?? tableName} ${partition}`;

  const isAdmitted = (name: string, hasUnits: boolean): boolean => {
    if (!hasUnits) throttledBy.set(name, (throttledBy.get(name) ?? 0) + 1);
    return hasUnits;
  };

  return {
    total,
    /** Write units by key. */
    used,
    /** Read units by key. */
    usedByReads,
    /** Requests that were throttled, by the key or the index without units. */
    throttledBy,
    /** Whether a write is admitted. An index without capacity refuses writes of the table (back-pressure). */
    admitsWrite(charges: readonly Charge[]): boolean {
      const areAdmitted = charges.every((charge) => {
        const name = nameOf(charge);
        return (
          isAdmitted(name, bucketOf(name, limits.writeUnitsPerKey).hasUnits()) &&
          isAdmitted(charge.index ?? tableName, rampOf(charge.index).hasUnits())
        );
      });
      if (!areAdmitted) total.throttled += 1;
      return areAdmitted;
    },
    write(charges: readonly Charge[]): void {
      for (const charge of charges) {
        bucketOf(nameOf(charge), limits.writeUnitsPerKey).use(charge.units);
        rampOf(charge.index).use(charge.units);
        used.set(nameOf(charge), (used.get(nameOf(charge)) ?? 0) + charge.units);
        total.writeUnits += charge.units;
      }
    },
    admitsRead(partition: string): boolean {
      const name = `read ${partition}`;
      const isRead = isAdmitted(name, bucketOf(name, limits.readUnitsPerKey).hasUnits());
      if (!isRead) total.throttled += 1;
      return isRead;
    },
    read(partition: string, units: number): void {
      bucketOf(`read ${partition}`, limits.readUnitsPerKey).use(units);
      usedByReads.set(partition, (usedByReads.get(partition) ?? 0) + units);
      total.readUnits += units;
    },
  };
};

export type Capacity = ReturnType<typeof createCapacity>;
