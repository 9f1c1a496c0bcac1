import type { ItemKind } from '../domain/table/items.ts';
import type { Page } from '../ports/store.ts';

/** Reads page after page until there are `most` items, or no next page. Pages may be short, and the last one too long. */
export const itemsUpTo = async <K extends ItemKind>(
  max: number,
  read: (range: { limit: number; after?: string }) => Promise<Page<K>>,
): Promise<Page<K>['items']> => {
  const items: Page<K>['items'] = [];
  let from: { after?: string } = {};
  while (items.length < max) {
    const page = await read({ limit: max - items.length, ...from });
    items.push(...page.items);
    if (page.next === undefined) break;
    from = { after: page.next };
  }
  return items.slice(0, max);
};
