import { parseMessageId } from '../../domain/memory/derived-ids.ts';
import { indexedConditions } from '../../domain/memory/filter.ts';
import { parseVectorId } from '../../domain/memory/vector-id.ts';
import type { Platform } from '../../ports/platform.ts';
import type { IndexHit, IndexQuery } from '../../ports/vector-index.ts';
import type { Pace } from '../yield-to-loop.ts';
import { type Entry, filterEntries } from './entries.ts';
import { queryIndex, type RetrieveRequest } from './gather-candidates.ts';
import { hydrate } from './hydrate.ts';
import type { Ranked } from './rank.ts';

/** Best turns of a query whose surroundings are candidates, too, and messages before and after each. */
const maxTurns = 15;
const reach = 2;
/** Bound of the messages of the runs of these turns that an index returns, the nearest to the query: in the store, and elsewhere. */
const maxMessages = { inStore: 2_000, elsewhere: 400 };

const noRecentWrites = {
  turns: [],
  memories: [],
  cutoffs: { cutoffs: [], revisions: [], expiring: [] },
};

/** Cosines of unrelated texts are mostly below this. */
const unrelatedCosine = 0.2;

/** A message of a run by its position. */
interface Place {
  run: string;
  turn: string;
  position: number;
}

/** A hit of the index with its place. */
interface Located extends Place {
  hit: IndexHit;
}

const compare = (a: Place, b: Place): number =>
  a.turn === b.turn ? a.position - b.position : a.turn < b.turn ? -1 : 1;

const placeOfEntry = ({ candidate, view }: Entry): Place | undefined => {
  const turn = candidate.lineage.at(-1);
  const { run } = view.entities;
  const { position } = candidate;
  return turn === undefined || run === undefined || position === undefined
    ? undefined
    : { run, turn, position };
};

/** Places of the best turns, as far as these are of runs. */
const bestPlaces = (entries: readonly Entry[], ranked: readonly Ranked[]): Place[] => {
  const turns = new Set<string>();
  const places = new Map<string, Place>();
  for (const { index } of ranked) {
    const entry = entries[index];
    const turn = entry?.candidate.lineage.at(-1);
    if (!entry || turn === undefined) continue;
    turns.add(turn);
    if (turns.size > maxTurns) break;
    const place = placeOfEntry(entry);
    if (place && !places.has(turn)) places.set(turn, place);
  }
  return [...places.values()];
};

/** Hits by run, in the order in which they were said; of a message that was corrected, the newest entry alone. */
const locate = (hits: readonly IndexHit[]): Map<string, Located[]> => {
  const newest = new Map<string, Located & { version: number }>();
  for (const hit of hits) {
    const { id, version } = parseVectorId(hit.id);
    const message = parseMessageId(id);
    const { run } = hit.entities;
    if (message && run !== undefined && (newest.get(id)?.version ?? 0) < version)
      newest.set(id, { hit, run, ...message, version });
  }
  return Map.groupBy([...newest.values()].sort(compare), ({ run }) => run);
};

/** Messages of the runs. `isCut`: some are missing, so that only messages of one turn are known to follow each other. */
interface Runs {
  byId: ReadonlyMap<string, readonly Located[]>;
  isCut: boolean;
}

const areNear = (isCut: boolean, one: Place, other: Place, distance: number): boolean =>
  !isCut || (one.turn === other.turn && Math.abs(one.position - other.position) <= distance);

/** Hits just before and after the places. */
const around = (places: readonly Place[], { byId, isCut }: Runs): Located[] => {
  const found = places.flatMap((place) => {
    const run = byId.get(place.run) ?? [];
    const before = run.filter((other) => compare(other, place) < 0).slice(-reach);
    const after = run.filter((other) => compare(other, place) > 0).slice(0, reach);
    return [...before, ...after].filter((other) => areNear(isCut, place, other, reach));
  });
  return [...new Set(found)];
};

const keyOf = ({ turn, position }: Place): string => `${turn} ${position}`;

const excessOf = (located: Located | undefined): number =>
  Math.max(0, (located?.hit.semantic ?? 0) - unrelatedCosine);

/** Excess of the cosines of the messages just before and after each, by its place. */
const excessAround = ({ byId, isCut }: Runs): Map<string, number> => {
  const excess = new Map<string, number>();
  for (const run of byId.values())
    for (const [at, located] of run.entries()) {
      const beside = [run[at - 1], run[at + 1]].filter(
        (other) => other && areNear(isCut, located, other, 1),
      );
      excess.set(
        keyOf(located),
        beside.reduce((sum, other) => sum + excessOf(other), 0),
      );
    }
  return excess;
};

/** Entries around the best results of a query, and the hits of the index that found them. */
export interface Surroundings {
  entries: Entry[];
  hits: IndexHit[];
  /** Cosines of the messages just before and after an entry, as far as they are above those of unrelated texts. */
  cosinesAround(entry: Entry): number | undefined;
}

/** A query with its candidates so far. */
interface Asked {
  vector: Float32Array | undefined;
  entries: readonly Entry[];
  /** All candidates, best first. */
  ranked: readonly Ranked[];
}

/** Reads the messages that are no candidates yet, and the memories drawn from them. */
const readAround = async (
  platform: Platform,
  { project, filter, showExpired, now, validity = 'now' }: RetrieveRequest,
  entries: readonly Entry[],
  places: readonly Located[],
  pace: Pace,
): Promise<Pick<Surroundings, 'entries' | 'hits'>> => {
  const known = new Set(entries.map(({ candidate }) => candidate.id));
  const found = places.filter(({ hit }) => !known.has(parseVectorId(hit.id).id));
  const hits = found.map(({ hit }) => hit);
  if (found.length === 0) return { entries: [], hits };
  const visible = await hydrate(platform, project, noRecentWrites, {
    memories: [],
    messages: found,
    tagged: hits,
    showExpired,
    now,
    validity,
    withMessages: true,
  });
  const rough = new Set(
    entries.flatMap((entry) => (entry.of === 'rough' ? [entry.message.turn.id] : [])),
  );
  const matching = await filterEntries(visible, filter, 'none', pace);
  return {
    entries: matching.filter(
      ({ candidate: { id, lineage } }) =>
        !known.has(id) && !lineage.some((turn) => rough.has(turn)),
    ),
    hits,
  };
};

/**
 * Where a query of the index looks for messages of some runs: in the partitions of these, which are small, or, where each partition
 * costs a request, in those of the search.
 */
const withinRuns = (
  { vectorIndex }: Platform,
  { partitions, filter }: RetrieveRequest,
  runs: readonly string[],
): Pick<IndexQuery, 'partitions' | 'filter'> => {
  const matching = indexedConditions(filter);
  if (vectorIndex.isInStore)
    return { partitions: runs.map((id) => ({ kind: 'run', id })), filter: matching };
  const inRuns = runs.map((is) => ({ entity: 'run', is }) as const);
  return { partitions, filter: { all: [matching, { any: inRuns }] } };
};

/**
 * Finds the messages of a run just before and after the best results, and the memories drawn from them: an answer need not share a word
 * with its question. Makes one query of the index, for the runs of the best turns, and reads at most four messages for each turn. Turns
 * that are not refined yet are candidates anyway, so no memory that they are part of is added. Undefined without a run or a vector.
 * @throws RetryableError when the store or the index cannot be reached
 */
export const surroundingsOf = async (
  platform: Platform,
  request: RetrieveRequest,
  { vector, entries, ranked }: Asked,
  pace: Pace,
): Promise<Surroundings | undefined> => {
  const places = bestPlaces(entries, ranked);
  if (!vector || places.length === 0) return undefined;
  const limit = platform.vectorIndex.isInStore ? maxMessages.inStore : maxMessages.elsewhere;
  const { hits } = await queryIndex(platform, {
    project: request.project,
    ...withinRuns(platform, request, [...new Set(places.map(({ run }) => run))]),
    dense: { model: platform.embedder.model, vector },
    terms: [],
    classes: ['message'],
    limit,
  });
  const runs = { byId: locate(hits), isCut: hits.length >= limit };
  const excess = excessAround(runs);
  return {
    ...(await readAround(platform, request, entries, around(places, runs), pace)),
    cosinesAround(entry) {
      const place = placeOfEntry(entry);
      return place && excess.get(keyOf(place));
    },
  };
};
