import type { ItemKind } from '../domain/table/items.ts';
import type { Page } from '../ports/store.ts';

/** Reads page after page until there is no next one. */
export const everyPage = async <K extends ItemKind>(
  read: (from: { after?: string }) => Promise<Page<K>>,
): Promise<Page<K>['items']> => {
  const items: Page<K>['items'] = [];
  let from: { after?: string } = {};
  for (;;) {
    const page = await read(from);
    items.push(...page.items);
    if (page.next === undefined) return items;
    from = { after: page.next };
  }
};
