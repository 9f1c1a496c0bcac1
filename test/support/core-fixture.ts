import { createDispatcherHandler } from '../../functions/dispatcher/handler.ts';
import type { HintHandler } from '../../functions/queue-handler.ts';
import { createWorkerHandler } from '../../functions/worker/handler.ts';
import { type AcceptRequest, type AcceptResult, accept } from '../../shared/core/accept.ts';
import { refineScope } from '../../shared/core/refine/refine.ts';
import { listMemories } from '../../shared/core/retrieval/list.ts';
import { searchMemories } from '../../shared/core/retrieval/search.ts';
import { sweep } from '../../shared/core/sweep.ts';
import { type Entities, entitiesOf, scopeOf } from '../../shared/domain/memory/entities.ts';
import type { Filter } from '../../shared/domain/memory/filter.ts';
import type { Item, ItemKind, Key } from '../../shared/domain/table/items.ts';
import { createLocalPlatform, type LocalOptions } from '../../shared/platform/local.ts';
import type { FullPlatform } from '../../shared/ports/platform.ts';
import type { Hint } from '../../shared/ports/queue.ts';
import { plainEmbedder } from './fake-models.ts';
import { createHintLog } from './hint-log.ts';
import { type Interception, interceptStore } from './intercepted-store.ts';
import { createLaggingIndex } from './lagging-index.ts';
import { createManualClock } from './manual-clock.ts';
import { createScriptedModel } from './scripted-model.ts';

export const project = 'proj_1';
export const alice: Entities = { user: 'alice' };

const naming = (entities: Entities): Filter => ({
  all: entitiesOf(entities).map(({ kind, id }) => ({ entity: kind, is: id })),
});

export const request = (text: string, entities: Entities = alice): AcceptRequest => ({
  entities,
  messages: [{ role: 'user', content: text }],
  metadata: {},
  options: { infer: true },
});

export interface Row {
  key: Key;
  item: Item;
}

const longMs = 3_600_000;

/** Kinds of hints that the dispatcher consumes. */
const dispatcherKinds = new Set(['outbox', 'delivery', 'backlog', 'recovery']);

/** The core without processes: the test controls time, models, queue and index, and runs the work. */
export const openCoreFixture = (options: LocalOptions = {}) => {
  const clock = createManualClock();
  const model = createScriptedModel();
  const local = createLocalPlatform({
    path: ':memory:',
    clock,
    languageModel: model,
    embedder: plainEmbedder,
    telemetry: { log: () => {} },
    ...options,
  });
  const index = createLaggingIndex(local.vectorIndex);
  const hints = createHintLog(clock);
  const notices = createHintLog(clock);
  const platform: FullPlatform = {
    ...local,
    turns: hints,
    notifications: notices,
    vectorIndex: index,
  };
  const items = local.database.prepare('SELECT kind, pk, sk, body FROM items ORDER BY pk, sk');
  const vectors = local.database.prepare('SELECT id, terms, target FROM vectors');

  const limits = () => ({
    deadlineAt: clock.now() + longMs,
    signal: new AbortController().signal,
  });

  const failures: unknown[] = [];
  const telemetry = { log: (...line: unknown[]) => void failures.push(line) };
  /** A platform value stands for a process: the same value keeps its dispatcher, which has state in memory. */
  const dispatchers = new WeakMap<FullPlatform, HintHandler>();
  const dispatcherOf = (actor: FullPlatform): HintHandler => {
    const handler = dispatchers.get(actor) ?? createDispatcherHandler({ ...actor, telemetry });
    dispatchers.set(actor, handler);
    return handler;
  };

  const perform = async (hint: Hint, actor: FullPlatform): Promise<void> => {
    failures.length = 0;
    const handle = dispatcherKinds.has(hint.kind)
      ? dispatcherOf(actor)
      : createWorkerHandler({ ...actor, telemetry });
    const batch = { Records: [{ messageId: 'hint', body: JSON.stringify(hint) }] };
    const answer = await handle(batch, limits());
    if (answer.batchItemFailures.length > 0) throw new Error(JSON.stringify(failures));
  };

  const service = {
    platform,
    store: platform.store,
    clock,
    model,
    index,
    hints,
    notices,

    /** The platform of another process, with interceptions between its calls of the store. */
    intercepted: (interception: Interception): FullPlatform => ({
      ...platform,
      store: interceptStore(platform.store, interception),
    }),

    accept: (asked: AcceptRequest, actor = platform): Promise<AcceptResult> =>
      accept(actor, project, asked),

    /** Accepts a turn; throws when it is not accepted. */
    async add(text: string, entities = alice, rest: Partial<AcceptRequest> = {}) {
      const accepted = await accept(platform, project, { ...request(text, entities), ...rest });
      if (accepted.outcome !== 'accepted') throw new Error(`not accepted: ${accepted.outcome}`);
      return accepted;
    },

    refine: (entities = alice, actor = platform): Promise<void> =>
      refineScope(actor, project, scopeOf(entities), limits()),

    /** Handles one hint. */
    perform: (hint: Hint, actor = platform): Promise<void> => perform(hint, actor),

    /** Handles hints until none is left. */
    async work(actor = platform): Promise<void> {
      for (let hint = hints.take(); hint; hint = hints.take()) await perform(hint, actor);
    },

    /** Advances the clock, sweeps, and handles all hints. */
    async pass(ms: number): Promise<void> {
      await clock.advance(ms);
      await sweep(platform);
      await service.work();
    },

    /** Advances the clock until a promise that depends on it has settled. */
    async until<T>(promise: Promise<T>): Promise<T> {
      let isOver = false;
      const over = promise.finally(() => {
        isOver = true;
      });
      over.catch(() => {});
      while (!isOver) await clock.advance(50);
      return over;
    },

    /** Adds and refines a turn with one message. Returns the ids of its memories. */
    async learn(text: string, entities = alice): Promise<string[]> {
      const { turn } = await service.add(text, entities);
      await service.refine(entities);
      const item = await platform.store.get({
        kind: 'TURN',
        pk: `T#${project}#${turn}`,
        sk: 'TURN',
      });
      return item?.memoryIds ?? [];
    },

    /** Advances the clock until direct reads have ended, when the index keeps up. */
    async settle(): Promise<void> {
      for (let minute = 0; minute < 8; minute++) await service.pass(61_000);
    },

    list: async (entities = alice, actor = platform) =>
      (await listMemories(actor, project, { filter: naming(entities), skip: 0, limit: 1_000 }))
        .memories,

    /** Searches. Returns the memories and whether the answer was degraded. */
    ask: (query: string, entities = alice, actor = platform) =>
      searchMemories(actor, project, {
        query,
        filter: naming(entities),
        topK: 50,
        threshold: 0.1,
        fills: true,
      }),

    search: async (query: string, entities = alice, actor = platform) =>
      (await service.ask(query, entities, actor)).memories,

    /** All items of the table, of one kind or of all. */
    rows: (kind?: ItemKind): Row[] =>
      items
        .all()
        .map(({ kind: of, pk, sk, body }) => ({
          key: { kind: of as ItemKind, pk: String(pk), sk: String(sk) },
          item: JSON.parse(String(body)),
        }))
        .filter(({ key }) => kind === undefined || key.kind === kind),

    /** Kinds of items that contain a word, and `vector` for the index. */
    kindsSaying(word: string): string[] {
      const says = (value: unknown) =>
        JSON.stringify(value).toLowerCase().includes(word.toLowerCase());
      const kinds = service.rows().flatMap(({ key, item }) => (says(item) ? [key.kind] : []));
      return [...new Set([...kinds, ...(vectors.all().some(says) ? ['vector'] : [])])];
    },
  };
  return service;
};
export type CoreFixture = ReturnType<typeof openCoreFixture>;

export const textsOf = (views: readonly { text: string }[]): string[] =>
  views.map(({ text }) => text).sort();
