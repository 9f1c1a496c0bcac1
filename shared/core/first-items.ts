import type { ItemKind } from '../domain/table/items.ts';
import type { Page } from '../ports/store.ts';

/** Reads on until there is something; none only when there is nothing at all: an empty page is not the end. */
export const firstItems = async <K extends ItemKind>(
  read: (from: { after?: string }) => Promise<Page<K>>,
): Promise<Page<K>['items']> => {
  let page = await read({});
  while (page.items.length === 0 && page.next !== undefined)
    page = await read({ after: page.next });
  return page.items;
};
