import { mapConcurrent } from '../domain/map-concurrent.ts';
import type { Outbox } from '../domain/webhooks/outbox.ts';
import type { Platform } from '../ports/platform.ts';
import type { Hint } from '../ports/queue.ts';
import type { Step, TransactResult } from '../ports/store.ts';
import { commit } from './commit.ts';
import { hints } from './hints.ts';
import { newOutbox } from './steps.ts';
import { maxTransactionBytes } from './store-limits.ts';

/** Writes of one transaction, with one left for a write of the caller: below the limit of DynamoDB. */
const maxSteps = 99;
/** Transactions in flight, unless the caller wants fewer. */
const defaultConcurrency = 4;

/** Facts of a subject without texts. Subjects of the same scope and entities share an outbox. */
interface SharedOutbox {
  scope: string;
  outbox: Outbox;
}

/** Writes of one subject, which are committed all or none. */
export interface SubjectWrites<Subject> {
  subject: Subject;
  steps: readonly Step[];
  /** Upper bound of the items' size, before and after the writes, since the store may count both. */
  bytes: number;
  shared?: SharedOutbox;
}

export interface Committed<Subject> {
  committed: Subject[];
  /** Subjects with a condition that did not hold: nothing of theirs was written. */
  refused: Subject[];
  /** Hints at the shared outboxes. */
  outboxes: Hint[];
}

/** Commits the steps of one or more subjects in one transaction. */
export type Transact<Subject> = (
  steps: readonly Step[],
  subjects: readonly Subject[],
) => Promise<TransactResult>;

type Pack<Subject> = SubjectWrites<Subject>[];

const groupOf = ({ scope, outbox: { entities } }: SharedOutbox): string =>
  JSON.stringify([scope, entities]);

/** Merges the outboxes of a pack. The id of each follows from the first of its subjects. */
const mergeOutboxes = <Subject>(pack: Pack<Subject>): SharedOutbox[] => {
  const merged = new Map<string, SharedOutbox>();
  for (const { shared } of pack) {
    if (!shared) continue;
    const { scope, outbox } = shared;
    const group = groupOf(shared);
    const first = merged.get(group)?.outbox;
    const all = first
      ? { ...first, facts: [...first.facts, ...outbox.facts], order: outbox.order }
      : outbox;
    merged.set(group, { scope, outbox: all });
  }
  return [...merged.values()];
};

/** Distributes subjects over transactions, in order, as many as fit each by number and by size of the writes. */
const toPacks = <Subject>(all: readonly SubjectWrites<Subject>[]): Pack<Subject>[] => {
  const packs: Pack<Subject>[] = [];
  let free = { steps: 0, bytes: 0 };
  let groups = new Set<string>();
  for (const writes of all) {
    const { steps, bytes, shared } = writes;
    const group = shared && groupOf(shared);
    const isNew = group !== undefined && !groups.has(group);
    if (steps.length + Number(isNew) > free.steps || bytes > free.bytes) {
      packs.push([]);
      free = { steps: maxSteps, bytes: maxTransactionBytes };
      groups = new Set();
    }
    packs.at(-1)?.push(writes);
    const outboxes = Number(group !== undefined && !groups.has(group));
    if (group !== undefined) groups.add(group);
    free = { steps: free.steps - steps.length - outboxes, bytes: free.bytes - bytes };
  }
  return packs;
};

/** Commits a pack. Subjects with a refused condition are left out, and the others are committed without them. */
const commitPack = async <Subject>(
  pack: Pack<Subject>,
  transact: Transact<Subject>,
): Promise<Committed<Subject>> => {
  const refused: Subject[] = [];
  let left = pack;
  let outboxes: SharedOutbox[] = [];
  while (left.length > 0) {
    outboxes = mergeOutboxes(left);
    const result = await transact(
      [
        ...left.flatMap(({ steps }) => steps),
        ...outboxes.map(({ scope, outbox }) => newOutbox(scope, outbox)),
      ],
      left.map(({ subject }) => subject),
    );
    if (result.committed) break;
    const owners = left.flatMap((writes) => writes.steps.map(() => writes));
    const out = new Set(result.refusals.map(({ step }) => owners[step]));
    refused.push(...left.filter((writes) => out.has(writes)).map(({ subject }) => subject));
    left = left.filter((writes) => !out.has(writes));
  }
  return {
    committed: left.map(({ subject }) => subject),
    refused,
    outboxes:
      left.length === 0
        ? []
        : outboxes.map(({ scope, outbox: { project, id } }) => hints.outbox(project, scope, id)),
  };
};

/**
 * Commits the writes of many subjects in few transactions, each with as many subjects as fit, several at a time. The writes
 * of one subject are never split. A crash or an error leaves each transaction committed or not, so callers must be safe to
 * repeat.
 * @param transact commits a transaction of these subjects; may add one step at the end
 */
export const commitTogether = async <Subject>(
  platform: Pick<Platform, 'store' | 'clock' | 'ids'>,
  all: readonly SubjectWrites<Subject>[],
  transact: Transact<Subject> = (steps) => commit(platform, steps),
  { concurrency = defaultConcurrency } = {},
): Promise<Committed<Subject>> => {
  const results = await mapConcurrent(
    toPacks(all),
    (pack) => commitPack(pack, transact),
    concurrency,
  );
  return {
    committed: results.flatMap(({ committed }) => committed),
    refused: results.flatMap(({ refused }) => refused),
    outboxes: results.flatMap(({ outboxes }) => outboxes),
  };
};
