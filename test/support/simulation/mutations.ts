import { parseVectorId, vectorId } from '../../../shared/domain/memory/vector-id.ts';
import type { Item } from '../../../shared/domain/table/items.ts';
import { recentKeys } from '../../../shared/domain/table/keys.ts';
import type { LanguageModel } from '../../../shared/ports/language-model.ts';
import type { Predicate, Step, Store } from '../../../shared/ports/store.ts';
import type { VectorIndex } from '../../../shared/ports/vector-index.ts';
import type { Mutation } from './process.ts';
import { project, user } from './simulated-service.ts';

const withTest = (step: Step, change: (test: Predicate) => Predicate | undefined): Step[] => {
  if (!step.when) return [step];
  const test = change(step.when.test);
  if (test) return [{ ...step, when: { ...step.when, test } }];
  if (step.op === 'check') return [];
  const { when: _, ...bare } = step;
  return [bare];
};

/** Every step conditioned under this name goes through unconditioned. */
export const without = (name: string): Mutation => ({
  rewrite: (steps) =>
    steps.flatMap((step) =>
      withTest(step, (test) => (step.when?.name === name ? undefined : test)),
    ),
});

const strip = (test: Predicate, attribute: string): Predicate | undefined => {
  if ('attribute' in test) return test.attribute === attribute ? undefined : test;
  if ('is' in test) return test;
  const parts = ('any' in test ? test.any : test.all).flatMap(
    (part) => strip(part, attribute) ?? [],
  );
  if (parts.length === 0) return undefined;
  return 'any' in test ? { any: parts } : { all: parts };
};

/** One part of a condition of several goes. */
export const withoutPart = (name: string, attribute: string): Mutation => ({
  rewrite: (steps) =>
    steps.flatMap((step) =>
      withTest(step, (test) => (step.when?.name === name ? strip(test, attribute) : test)),
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

const eachStep = (change: (step: Step) => Step[]): Mutation => ({
  rewrite: (steps) => steps.flatMap(change),
});

/** Vector ids without versions: whoever writes last decides what a memory is found by. */
export const unversionedEntries: Mutation = onIndex((index) => {
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

/** Readers do not ask what was deleted as a whole. */
export const blindToCutoffs: Mutation = {
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

/** Readers do not notice that a turn was refined between the reading of it and of its memories. */
export const blindToOvertaking: Mutation = {
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

/** What is held back is visible at once. */
export const nothingHeldBack: Mutation = eachStep((step) => {
  if (step.op !== 'put' || step.key.kind !== 'MEMORY' || !('stagedBy' in step.item)) return [step];
  const { stagedBy: _, ...item } = step.item;
  return [{ ...step, item: item as Item }];
});

/** Work carries no due time: only a hint leads to it. */
export const workWithoutDueTime: Mutation = eachStep((step) => {
  if (step.op !== 'put' || step.key.kind !== 'PEND') return [step];
  const { dueAt: _, ...item } = step.item;
  return [{ ...step, item: item as Item }];
});

/** The scope is given back without a second look at what waits. */
export const noSecondLook: Mutation = onStore((store) => ({
  query: async (range) =>
    range.kind === 'PEND' && range.limit === 1 ? { items: [] } : store.query(range),
}));

/** The first page of what waits is taken for all of it. */
export const firstPageOnly: Mutation = onStore((store) => ({
  async query(range) {
    const page = await store.query(range);
    return range.kind === 'PEND' ? { items: page.items } : page;
  },
}));

/** Takes the newest of what waits first. */
export const newestFirst: Mutation = onStore((store) => ({
  query: (range) => store.query(range.kind === 'PEND' ? { ...range, newestFirst: true } : range),
}));

/** Whoever is told in order is told what is hinted at first, first. */
export const blindToEarlier: Mutation = onStore((store) => ({
  query: async (range) => (range.kind === 'OUTBOX' ? { items: [] } : store.query(range)),
}));

/** The pointer to a turn goes with the turn's flip, whether or not the index holds its memories. */
export const hastyPointers: Mutation = {
  rewrite: (steps) => {
    const flip = steps.find(
      (step) => step.op === 'update' && step.key.kind === 'TURN' && step.set['state'] === 'applied',
    );
    if (!flip) return steps;
    const turn = flip.key.pk.slice(flip.key.pk.lastIndexOf('#') + 1);
    const pointers = recentKeys(project, { entities: { user } }, turn);
    return [...steps, ...pointers.map((key) => ({ op: 'delete' as const, key }))];
  },
};

const onModel = (change: (model: LanguageModel) => Partial<LanguageModel>): Mutation => ({
  platform: (platform) => ({
    ...platform,
    languageModel: { ...platform.languageModel, ...change(platform.languageModel) },
  }),
});

const givingUpAfter = (hours: number): Mutation => ({
  platform: (platform) => ({
    ...platform,
    policy: { ...platform.policy, modelGiveUpHours: hours },
  }),
});

/** What a model that is out fails with is taken for the turn’s own failure. */
export const blamesTurns: Mutation = onModel((model) => ({
  decide: async (request, signal) => {
    const decision = await model.decide(request, signal);
    return decision.ok ? decision : { ...decision, about: 'turn' };
  },
}));

/** A probe is taken for good whatever comes of it. */
export const blindProbe: Mutation = onModel(() => ({ probe: async () => ({ ok: true }) }));

/** No probe ever succeeds: what waits for the model waits although it is back. */
export const deafProbe: Mutation = {
  platform: (platform) => ({
    ...platform,
    policy: { ...platform.policy, modelGiveUpHours: 72 },
    languageModel: {
      ...platform.languageModel,
      probe: async () => ({ ok: false, code: 'model_unavailable', message: 'Nobody answers.' }),
    },
  }),
};

/** A turn waits for the model as long as that takes. */
export const patientForGood: Mutation = givingUpAfter(1_000_000);

export const impatient: Mutation = givingUpAfter(0.0005);
