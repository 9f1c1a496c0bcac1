import type { ItemKind } from '../domain/table/items.ts';
import type { Page } from '../ports/store.ts';

type Items<K extends ItemKind> = Page<K>['items'];

/** Reads all pages. */
export const everyPage = async <K extends ItemKind>(
  read: (from: { after?: string }) => Promise<Page<K>>,
): Promise<Items<K>> => {
  const items: Items<K> = [];
  let from: { after?: string } = {};
  for (;;) {
    const page = await read(from);
    items.push(...page.items);
    if (page.next === undefined) return items;
    from = { after: page.next };
  }
};

/** Reads up to the first page that has items. An empty page with a `next` is not the end. */
export const firstItems = async <K extends ItemKind>(
  read: (from: { after?: string }) => Promise<Page<K>>,
): Promise<Items<K>> => {
  let page = await read({});
  while (page.items.length === 0 && page.next !== undefined)
    page = await read({ after: page.next });
  return page.items;
};

/** Reads pages until there are `max` items or no next page. Pages may be short, and may exceed the limit asked for. */
export const itemsUpTo = async <K extends ItemKind>(
  max: number,
  read: (range: { limit: number; after?: string }) => Promise<Page<K>>,
): Promise<Items<K>> => {
  const items: Items<K> = [];
  let from: { after?: string } = {};
  while (items.length < max) {
    const page = await read({ limit: max - items.length, ...from });
    items.push(...page.items);
    if (page.next === undefined) break;
    from = { after: page.next };
  }
  return items.slice(0, max);
};
