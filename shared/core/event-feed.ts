import type { Event, EventStatus, Stage } from '../domain/memory/event.ts';
import { apiKeyKey, eventKey } from '../domain/table/keys.ts';
import type { Platform, ProcessCaches } from '../ports/platform.ts';
import type { StoreChange } from '../ports/store.ts';

/** Changes that a feed keeps; a reader that is further behind has missed some. */
const maxKept = 1_000;
/** Time that a feed without readers goes on, so that a reader which lost its connection can resume. */
const lingerMs = 60_000;
/** Changes that one read returns at most. */
const maxRead = 50;

/** State of an event after a change of its stage, its status or its attempts. Has no text and no id of an entity. */
export interface StageChange {
  event: string;
  status: EventStatus;
  stage: Stage;
  attempts: number;
  error?: { code: string; retryable: boolean };
  updatedAt: number;
  completedAt?: number;
}

/** Event as it was created, with its state after one change. */
export interface ChangedEvent extends StageChange {
  /** Position of the change, from which a later reader can resume. */
  position: string;
  kind: Event['kind'];
  entities: Event['entities'];
  turn?: string;
  createdAt: number;
}

/** Reader of the changes of a project's events. */
export interface EventReader {
  /**
   * Reads what changed since the last read. `missed`: at least one change is not known, so the reader has to list the events; it goes on
   * from `position`.
   */
  read(): Promise<{ missed: true; position: string } | { missed: false; events: ChangedEvent[] }>;
  /** Whether there is something to read. */
  hasMore(): boolean;
  /** Resolves after the next change, after `ms`, or when the signal aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
  close(): void;
}

interface Feed {
  /** Name of this run of the feed: positions of an earlier one are unknown. */
  run: string;
  /** Number of changes that are no longer kept. */
  dropped: number;
  changes: StageChange[];
  /** State of each event that a kept change names. */
  states: Map<string, string>;
  readers: Set<() => void>;
  /** When the last reader left. */
  idleSince: number;
}

const stateOf = ({ status, stage, attempts }: StageChange): string =>
  `${status} ${stage} ${attempts}`;

const changeOf = (event: Event): StageChange => {
  const { id, status, stage, attempts, error, updatedAt, completedAt } = event;
  return {
    event: id,
    status,
    stage,
    attempts,
    updatedAt,
    ...(error && { error: { code: error.code, retryable: error.retryable } }),
    ...(completedAt === undefined ? {} : { completedAt }),
  };
};

/** Project of the key of an event, whose id has no `#`. */
const projectOf = (pk: string): string => pk.slice(2, pk.lastIndexOf('#'));

const keyPrefix = apiKeyKey('').pk;
const { sk: eventSk } = eventKey('', '');
const eventPrefix = eventKey('', '').pk.slice(0, 2);

interface EventFeeds {
  /**
   * Opens a reader. Starts after `after`, a position of an earlier reader of this process. Without a position that is known, the first
   * read says that changes were missed.
   */
  open(project: string, after: string | undefined): EventReader;
}

const createEventFeeds = (
  { store, clock, ids }: Pick<Platform, 'store' | 'clock' | 'ids'>,
  watch: (onChange: (change: StoreChange | undefined) => void) => void,
): EventFeeds => {
  const feeds = new Map<string, Feed>();

  const wake = ({ readers }: Feed): void => {
    for (const onChange of [...readers]) onChange();
  };

  const restart = (feed: Feed): void => {
    feed.run = ids.next();
    feed.dropped = 0;
    feed.changes = [];
    feed.states.clear();
  };

  const append = (feed: Feed, change: StageChange): void => {
    const state = stateOf(change);
    if (feed.states.get(change.event) === state) return;
    feed.states.set(change.event, state);
    feed.changes.push(change);
    if (feed.changes.length > 2 * maxKept) {
      const old = feed.changes.splice(0, maxKept);
      feed.dropped += old.length;
      const kept = new Set(feed.changes.map(({ event }) => event));
      for (const { event } of old) if (!kept.has(event)) feed.states.delete(event);
    }
    wake(feed);
  };

  const isIdle = ({ readers, idleSince }: Feed): boolean =>
    readers.size === 0 && clock.now() - idleSince > lingerMs;

  const onEvent = (pk: string, event: Event | undefined): void => {
    const project = projectOf(pk);
    const feed = feeds.get(project);
    if (!feed) return;
    if (isIdle(feed)) feeds.delete(project);
    else if (event) append(feed, changeOf(event));
  };

  const onUnknown = (): void => {
    // Another process has written: any event may have changed.
    for (const feed of feeds.values()) {
      restart(feed);
      wake(feed);
    }
  };

  watch((change) => {
    if (feeds.size === 0) return;
    if (!change) onUnknown();
    // The item is an event, since no other kind has this key.
    else if (change.sk === eventSk && change.pk.startsWith(eventPrefix))
      onEvent(change.pk, change.read() as Event | undefined);
    // A key that is revoked ends its streams at once.
    else if (change.pk.startsWith(keyPrefix)) for (const feed of feeds.values()) wake(feed);
  });

  const feedOf = (project: string): Feed => {
    const existing = feeds.get(project);
    if (existing) return existing;
    for (const [other, feed] of feeds) if (isIdle(feed)) feeds.delete(other);
    const feed: Feed = {
      run: ids.next(),
      dropped: 0,
      changes: [],
      states: new Map(),
      readers: new Set(),
      idleSince: clock.now(),
    };
    feeds.set(project, feed);
    return feed;
  };

  return {
    open(project, after) {
      const feed = feedOf(project);
      const [givenRun = '', givenNumber = ''] = after?.split('.') ?? [];
      let run = givenRun;
      let next = Number(givenNumber);
      const end = (): number => feed.dropped + feed.changes.length;
      const isKnown = (): boolean =>
        run === feed.run && Number.isInteger(next) && next >= feed.dropped && next <= end();
      let onWake = (): void => {};
      const reader = (): void => onWake();
      feed.readers.add(reader);

      return {
        async read() {
          if (!isKnown()) {
            run = feed.run;
            next = end();
            return { missed: true, position: `${run}.${next}` };
          }
          const from = next;
          const changes = feed.changes.slice(from - feed.dropped, from - feed.dropped + maxRead);
          next += changes.length;
          // Erased and expired events are absent. Entities are read from the store, so that the feed keeps no ids of users.
          const items = await store.getMany(changes.map(({ event }) => eventKey(project, event)));
          const events = changes.flatMap((change, index): ChangedEvent[] => {
            const item = items[index];
            if (!item) return [];
            const { kind, entities, turn, createdAt } = item;
            const position = `${run}.${from + index + 1}`;
            const created = { kind, entities, createdAt, ...(turn === undefined ? {} : { turn }) };
            return [{ ...change, ...created, position }];
          });
          return { missed: false, events };
        },
        hasMore: () => !isKnown() || next < end(),
        async wait(ms, signal) {
          const woken = new AbortController();
          onWake = () => woken.abort();
          await clock.sleep(ms, AbortSignal.any([signal, woken.signal]));
          onWake = () => {};
        },
        close() {
          feed.readers.delete(reader);
          feed.idleSince = clock.now();
        },
      };
    },
  };
};

const feedsByProcess = new WeakMap<ProcessCaches, EventFeeds>();

/** Returns the feeds of this process; undefined if its store does not report changes. */
export const eventFeedsOf = (
  platform: Pick<Platform, 'store' | 'clock' | 'ids' | 'caches'>,
): EventFeeds | undefined => {
  const { store, caches } = platform;
  if (!store.watch) return undefined;
  const existing = feedsByProcess.get(caches);
  if (existing) return existing;
  const feeds = createEventFeeds(platform, store.watch);
  feedsByProcess.set(caches, feeds);
  return feeds;
};
