import { parseVectorId, vectorId } from '../../../shared/domain/memory/vector-id.ts';
import type { Item } from '../../../shared/domain/table/items.ts';
import { listingKeys } from '../../../shared/domain/table/keys.ts';
import type { LanguageModel } from '../../../shared/ports/language-model.ts';
import type { Predicate, Step, Store } from '../../../shared/ports/store.ts';
import type { VectorIndex } from '../../../shared/ports/vector-index.ts';
import type { Mutation } from '../../../shared/simulation/process.ts';
import { project } from '../../../shared/simulation/simulated-service.ts';

const withTest = (step: Step, change: (test: Predicate) => Predicate | undefined): Step[] => {
  if (!step.when) return [step];
  const test = change(step.when.test);
  if (test) return [{ ...step, when: { ...step.when, test } }];
  if (step.op === 'check') return [];
  const { when: _, ...bare } = step;
  return [bare];
};

/** Removes a condition from every transaction step that has it. */
export const withoutCondition = (name: string): Mutation => ({
  rewrite: (steps) =>
    steps.flatMap((step) =>
      withTest(step, (test) => (step.when?.name === name ? undefined : test)),
    ),
});

const removeClauses = (test: Predicate, attribute: string): Predicate | undefined => {
  if ('attribute' in test) return test.attribute === attribute ? undefined : test;
  if ('is' in test) return test;
  const parts = ('any' in test ? test.any : test.all).flatMap(
    (part) => removeClauses(part, attribute) ?? [],
  );
  if (parts.length === 0) return undefined;
  return 'any' in test ? { any: parts } : { all: parts };
};

/** Removes the clauses about one attribute from a condition. */
export const withoutClause = (name: string, attribute: string): Mutation => ({
  rewrite: (steps) =>
    steps.flatMap((step) =>
      withTest(step, (test) => (step.when?.name === name ? removeClauses(test, attribute) : test)),
    ),
});

const onStore = (change: (store: Store) => Partial<Store>): Mutation => ({
  platform: (platform) => ({
    ...platform,
    store: { ...platform.store, ...change(platform.store) },
  }),
});

const onIndex = (change: (index: VectorIndex) => Partial<VectorIndex>): Mutation => ({
  platform: (platform) => ({
    ...platform,
    vectorIndex: { ...platform.vectorIndex, ...change(platform.vectorIndex) },
  }),
});

/** Changes every step of a transaction. */
export const eachStep = (change: (step: Step) => Step[]): Mutation => ({
  rewrite: (steps) => steps.flatMap(change),
});

/** Vector ids without versions: the last write decides which text a memory is found by. */
export const unversionedVectorIds: Mutation = onIndex((index) => {
  const only = <E extends { id: string }>(entry: E): E => ({
    ...entry,
    id: vectorId(parseVectorId(entry.id).id, Math.min(1, parseVectorId(entry.id).version)),
  });
  return {
    upsert: (id, entries) => index.upsert(id, entries.map(only)),
    remove: (id, entries) => index.remove(id, entries.map(only)),
    areVisible: (id, entries) => index.areVisible(id, entries.map(only)),
  };
});

/** An index that lags says that it is in the database of the store, so direct reads end once one replica shows an entry. */
export const noGraceOfDirectReads: Mutation = onIndex(() => ({ isInStore: true }));

/** Readers do not apply the cutoffs of delete-alls. */
export const readersIgnoreCutoffs: Mutation = {
  platform: (platform, actor) => {
    if (!actor.name.startsWith('reader')) return platform;
    const { store } = platform;
    const getMany: Store['getMany'] = async (keys) => {
      const items = await store.getMany(keys);
      return keys[0]?.kind === 'ENTITY' ? items.map(() => undefined) : items;
    };
    return { ...platform, store: { ...store, getMany } };
  },
};

/** Readers do not detect that a turn was refined between the read of the turn and the read of its memories. */
export const readersIgnoreLineage: Mutation = {
  platform: (platform, actor) => {
    if (!actor.name.startsWith('reader')) return platform;
    const { store } = platform;
    const getMany: Store['getMany'] = async (keys) => {
      const items = await store.getMany(keys);
      if (keys[0]?.kind !== 'MEMORY') return items;
      return items.map((item) => item && { ...item, lineage: [] });
    };
    return { ...platform, store: { ...store, getMany } };
  },
};

/** Readers do not know which memories a message states. */
export const messagesBesideMemories: Mutation = {
  platform: (platform, actor) => {
    if (!actor.name.startsWith('reader')) return platform;
    const { store } = platform;
    const getMany: Store['getMany'] = async (keys) => {
      const items = await store.getMany(keys);
      if (keys[0]?.kind !== 'TURN') return items;
      return items.map((item) => item && { ...item, drawn: {} });
    };
    return { ...platform, store: { ...store, getMany } };
  },
};

/** An update writes no closed version. */
export const formerTextsDropped: Mutation = eachStep((step) =>
  step.op === 'put' && 'supersededBy' in step.item ? [] : [step],
);

/** Pointers to a turn go although no listing has the turn yet. */
export const turnsUnlisted: Mutation = eachStep((step) =>
  step.op === 'put' && step.key.kind === 'LISTED_TURN' ? [] : [step],
);

/** A turn does not record that it was accepted without an outbox. */
export const missedAcceptancesForgotten: Mutation = eachStep((step) => {
  if (step.op !== 'put' || step.key.kind !== 'TURN' || !('unannouncedAt' in step.item))
    return [step];
  const { unannouncedAt: _, ...item } = step.item;
  return [{ ...step, item: item as Item }];
});

/** A turn is accepted without an outbox, and does not record it. */
export const acceptancesNotAnnounced: Mutation = eachStep((step) =>
  step.op === 'put' && step.key.kind === 'OUTBOX' && step.key.sk.endsWith('.pending') ? [] : [step],
);

/** Staged memories are visible at once. */
export const stagedMemoriesVisible: Mutation = eachStep((step) => {
  if (step.op !== 'put' || step.key.kind !== 'MEMORY' || !('stagedBy' in step.item)) return [step];
  const { stagedBy: _, ...item } = step.item;
  return [{ ...step, item: item as Item }];
});

/** Open tasks are not found by the sweeper. */
export const tasksWithoutDueTime: Mutation = eachStep((step) => {
  if (step.op !== 'put' || step.key.kind !== 'TASKS') return [step];
  const { dueAt: _, ...item } = step.item;
  return [{ ...step, item }];
});

/** Turns that wait are never due because of their idle time. */
export const idleTimeNotDue: Mutation = eachStep((step) =>
  step.op === 'update' && step.key.kind === 'PEND'
    ? [{ ...step, set: {}, remove: ['dueAt'] }]
    : [step],
);

/** Pending work has no due time, so that only a hint leads to it. */
export const pendingWithoutDueTime: Mutation = eachStep((step) => {
  if (step.op !== 'put' || step.key.kind !== 'PEND') return [step];
  const { dueAt: _, ...item } = step.item;
  return [{ ...step, item: item as Item }];
});

/** The erasure of a message of a refined turn leaves an attribute of the turn as it was. */
const erasureWithout = (attribute: 'dueAt' | 'drawn'): Mutation =>
  eachStep((step) => {
    if (step.op !== 'update' || !('erasedEntries' in step.set)) return [step];
    const { [attribute]: _, ...set } = step.set;
    return [{ ...step, set }];
  });

/** The erasure of a message leaves no due time, so that only a hint leads to its index entry. */
export const erasedMessageNotDue: Mutation = erasureWithout('dueAt');

/** Memories count erased messages among their sources. */
export const erasedSourcesCounted: Mutation = erasureWithout('drawn');

/** A turn that states a memory once more leaves no record of it. */
export const restatementsNotRecorded: Mutation = eachStep((step) =>
  step.op === 'put' && step.key.kind === 'RESTATED' ? [] : [step],
);

/** A scope is released without a second query for pending turns. */
export const noCheckAfterRelease: Mutation = onStore((store) => ({
  query: async (range) =>
    range.kind === 'PEND' && range.limit === 1 ? { items: [] } : store.query(range),
}));

/** The first page of pending turns counts as all of them. */
export const firstPageOnly: Mutation = onStore((store) => ({
  async query(range) {
    const page = await store.query(range);
    return range.kind === 'PEND' ? { items: page.items } : page;
  },
}));

/** Refines the newest pending turn first. */
export const newestTurnFirst: Mutation = onStore((store) => ({
  query: (range) => store.query(range.kind === 'PEND' ? { ...range, newestFirst: true } : range),
}));

/** Ordered endpoints get notifications in the order of hints, not of facts. */
export const ignoreEarlierOutboxes: Mutation = onStore((store) => ({
  query: async (range) => (range.kind === 'OUTBOX' ? { items: [] } : store.query(range)),
}));

/** A memory leaves its listings when it is deleted, before its copies are erased. */
export const unlistBeforeErasure: Mutation = {
  rewrite: (steps) => {
    const listings = steps.flatMap((step) => {
      if (step.op !== 'put' || !('erasing' in step.item) || !('entities' in step.item)) return [];
      return listingKeys(project, step.item as Item<'MEMORY'>, step.key.pk.split('#').at(-1) ?? '');
    });
    return [...steps, ...listings.map((key) => ({ op: 'delete' as const, key }))];
  },
};

/** A job does not count a deletion in the transaction that deletes. */
export const uncountedDeletions: Mutation = {
  rewrite: (steps) =>
    steps.length === 1
      ? steps
      : steps.filter((step) => step.key.kind !== 'JOB' || !('set' in step && 'counts' in step.set)),
};

const onModel = (change: (model: LanguageModel) => Partial<LanguageModel>): Mutation => ({
  platform: (platform) => ({
    ...platform,
    languageModel: { ...platform.languageModel, ...change(platform.languageModel) },
  }),
});

const withGiveUpHours = (hours: number): Mutation => ({
  platform: (platform) => ({
    ...platform,
    policy: { ...platform.policy, modelGiveUpHours: hours },
  }),
});

/** A failure of the model service counts as a failure of the turn. */
export const blameTurnsForOutages: Mutation = onModel((model) => ({
  decide: async (request, signal) => {
    const decision = await model.decide(request, signal);
    return decision.ok ? decision : { ...decision, about: 'turn' };
  },
}));

/** A probe of the model succeeds even during an outage. */
export const probeAlwaysSucceeds: Mutation = onModel(() => ({ probe: async () => ({ ok: true }) }));

/** No probe succeeds: pending turns wait although the model serves again. */
export const probeNeverSucceeds: Mutation = {
  platform: (platform) => ({
    ...platform,
    policy: { ...platform.policy, modelGiveUpHours: 72 },
    languageModel: {
      ...platform.languageModel,
      probe: async () => ({
        ok: false,
        code: 'model_unavailable',
        message: 'The model does not respond.',
      }),
    },
  }),
};

/** A turn waits for the model without a limit. */
export const neverGiveUpTurns: Mutation = withGiveUpHours(1_000_000);

export const giveUpTurnsAtOnce: Mutation = withGiveUpHours(0.0005);
