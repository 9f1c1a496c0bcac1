import { digestOf } from '../digest.ts';
import type { ErrorInfo } from '../errors.ts';
import type { Entity, EntityKind } from '../memory/entities.ts';
import type { Filter } from '../memory/filter.ts';
import type { ObjectShape } from './shape.ts';

/**
 * An export: an object that was made from the memories that a filter matches. The parts of the export hold the object, which readers
 * see once the status is `ready`. `version` rises with every write, for optimistic concurrency.
 */
export interface Export {
  id: string;
  version: number;
  status: 'pending' | 'ready' | 'failed' | 'erased';
  /** Digest of the filters as they were sent: an export is found by equal filters. */
  filters: string;
  /** Fingerprints of the memories (`fingerprintsOf`); absent before they are listed. */
  sources?: string;
  /** Number of memories. */
  count?: number;
  /** Memories that were read, in the order of part 0. */
  position: number;
  /** Number of parts that are written, without part 0. */
  parts: number;
  /** Bytes of the parts. */
  bytes: number;
  error?: ErrorInfo;
  createdAt: number;
}

/** Part of an export. Part 0 has the memories and the shape; each further part is a value of that shape, as JSON. */
export interface ExportPart {
  memories?: string[];
  shape?: ObjectShape;
  value?: string;
}

/** The profile of an entity. `version` rises with every write, for optimistic concurrency. */
export interface Profile extends Entity {
  kind: EntityKind;
  version: number;
  status: 'pending' | 'succeeded' | 'failed' | 'insufficient_data';
  /** JSON of the profile; absent before the first was made, and after it was erased. */
  value?: string;
  /** Ids of the memories that `value` was made from. */
  memories?: string[];
  /** Ids of the memories that a generation which is under way reads. */
  reading?: string[];
  /** Job that generates, or generated last. */
  job?: string;
  generations: number;
  error?: ErrorInfo;
  updatedAt?: number;
}

/** Schema and instructions of the profiles of one kind of entity. */
export interface ProfileForm {
  /** The JSON Schema as it was sent, as JSON: the order of its keys is kept. */
  schema?: string;
  shape?: ObjectShape;
  instructions?: string;
}

/** Settings of the profiles of a project. */
export interface ProfileSettings {
  version: number;
  enabled?: boolean;
  forms?: { [kind in EntityKind]?: ProfileForm };
}

/** Task of a derivation. */
export type DerivationTask =
  | { makes: 'export'; filter: Filter; shape: ObjectShape; instructions?: string }
  | { makes: 'profiles'; of: EntityKind; entities: string[]; position: number };

/** A job that makes texts from memories. Claimed by a lease with a fencing token; every step is safe to repeat. */
export interface Derivation {
  id: string;
  project: string;
  task: DerivationTask;
  createdAt: number;
  token?: string;
  leaseUntil?: number;
}

/** Characters of a fingerprint. */
const fingerprintLength = 8;

const fingerprintOf = (memory: string): string => digestOf(memory).slice(0, fingerprintLength);

/** Text of fixed length for each memory: a fifth of the ids, since every deletion reads those of all exports of the project. */
export const fingerprintsOf = (memories: readonly string[]): string =>
  memories.map(fingerprintOf).join('');

/** Returns a test for texts of `fingerprintsOf`: whether one of the memories is among them. */
export const namesAny = (memories: readonly string[]): ((sources: string) => boolean) => {
  const wanted = new Set(memories.map(fingerprintOf));
  return (sources) => {
    for (let at = 0; at < sources.length; at += fingerprintLength)
      if (wanted.has(sources.slice(at, at + fingerprintLength))) return true;
    return false;
  };
};
