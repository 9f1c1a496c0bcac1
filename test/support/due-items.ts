import type { DueItem, Store } from '../../shared/ports/store.ts';

/** Due items of all classes, the longest due first. */
export const dueItems = async (
  store: Pick<Store, 'due'>,
  query: { until: number; limit: number },
): Promise<DueItem[]> => {
  const work = await store.due({ ...query, class: 'work' });
  const upkeep = await store.due({ ...query, class: 'upkeep' });
  return [...work, ...upkeep].sort((a, b) => a.dueAt - b.dueAt).slice(0, query.limit);
};
