import { randomUUID } from 'node:crypto';
import { RetryableError } from '../../shared/domain/errors.ts';
import type { Memory } from '../../shared/domain/memory/memory.ts';
import type { IndexAttributes, Item, ItemKind, Key } from '../../shared/domain/table/items.ts';
import { pendingKey } from '../../shared/domain/table/keys.ts';
import type {
  Condition,
  Page,
  Predicate,
  Range,
  Step,
  Store,
  TransactResult,
} from '../../shared/ports/store.ts';

/** A store under test, and its clock. */
export interface StoreHarness {
  store: Store;
  clock: { now(): number; advance(ms: number): Promise<void> };
  /** Resolves when `list` and `due` show everything written so far. */
  settle(): Promise<void>;
  dispose(): Promise<void>;
}

/** Returns the suite's store, which is opened before its tests. Suites may share a table: every test makes a new project. */
export type Opened = () => StoreHarness;

export const newProject = (): string => randomUUID();

export const memory = (
  project: string,
  changes: Partial<Memory> & IndexAttributes = {},
): Item<'MEMORY'> => ({
  id: randomUUID(),
  project,
  scope: 'user#u',
  entities: { user: 'u' },
  text: 'likes tea',
  terms: { like: 1, tea: 1 },
  validFrom: 0,
  textVersion: 1,
  version: 1,
  state: 'live',
  attributedTo: 'user',
  lineage: [],
  lastWrite: '',
  metadata: {},
  categories: [],
  createdAt: 1,
  updatedAt: 1,
  observedAt: 1,
  source: 'inferred',
  ...changes,
});

export const pending = (
  project: string,
  turn: string,
  marks: IndexAttributes = {},
): { key: Key<'PEND'>; item: Item<'PEND'> } => ({
  key: pendingKey(project, 'user#u', turn),
  item: { turn, event: 'e', project, scope: 'user#u', failures: 0, ...marks },
});

export const put = <K extends ItemKind>(key: Key<K>, item: Item<K>, test?: Predicate): Step => ({
  op: 'put',
  key,
  item,
  ...(test && { when: named(test) }),
});

export const named = (test: Predicate): Condition => ({ name: 'the condition', test });

export const absent: Predicate = { is: 'absent' };

/** Commits a transaction and retries conflicts, as callers do; nothing was written then. */
export const transact = async (store: Store, steps: readonly Step[]): Promise<TransactResult> => {
  for (;;) {
    try {
      return await store.transact(steps);
    } catch (error) {
      if (!(error instanceof RetryableError && error.code === 'transaction_conflict')) throw error;
    }
  }
};

/** Writes the initial items of a test. */
export const given = async (store: Store, ...steps: Step[]): Promise<void> => {
  const outcome = await transact(store, steps);
  if (!outcome.committed) throw new Error('what a test starts from was refused');
};

/** Reads all pages of a range in sequence. */
export const pagesOf = async <K extends ItemKind>(
  read: (range: Range<K>) => Promise<Page<K>>,
  range: Range<K>,
): Promise<Page<K>[]> => {
  const pages: Page<K>[] = [];
  let page = await read(range);
  pages.push(page);
  while (page.next !== undefined) {
    page = await read({ ...range, after: page.next });
    pages.push(page);
  }
  return pages;
};

export const sortKeysOf = <K extends ItemKind>(pages: readonly Page<K>[]): string[] =>
  pages.flatMap(({ items }) => items.map(({ key }) => key.sk));
