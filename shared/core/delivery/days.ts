import type { Item, ItemKind } from '../../domain/items.ts';
import { momentOf } from '../../domain/keys.ts';
import type { Page, Store } from '../../ports/store.ts';

const dayMs = 86_400_000;

/** A listing that is spread over days and shards. */
export interface Days<K extends ItemKind> {
  kind: K;
  /** The shards of the day of `at`. */
  pksOf(at: number): string[];
  /** Where to begin and where to end, in the direction of reading; both included. */
  from: string;
  to: string;
  newestFirst?: boolean;
  /** Reads on until it has so many. */
  limit: number;
  keep?(item: Item<K>): boolean;
}

export interface Listed<K extends ItemKind> {
  at: string;
  item: Item<K>;
}

const timeOf = (moment: string): number => Number(moment.slice(0, 15));

/** A position that is one: what a customer sends may be anything. */
export const isMoment = (text: string): boolean => /^\d{15}#/.test(text);

const readShard = async <K extends ItemKind>(
  store: Store,
  pk: string,
  { kind, from, to, newestFirst = false, limit, keep = () => true }: Days<K>,
): Promise<Listed<K>[]> => {
  const found: Listed<K>[] = [];
  const isWithin = ({ at }: Listed<K>) => (newestFirst ? at >= to : at <= to);
  let place: { from: string } | { after: string } = { from };
  for (;;) {
    const page: Page<K> = await store.list({ kind, pk, prefix: '', newestFirst, limit, ...place });
    const listed = page.items.map(({ item }) => ({ at: item.listSk ?? '', item }));
    found.push(...listed.filter((one) => isWithin(one) && keep(one.item)));
    const isOver = listed.some((one) => !isWithin(one)) || found.length >= limit;
    if (isOver || page.next === undefined) return found;
    place = { after: page.next };
  }
};

/** In order, at most `limit`. The listing may lag behind by a moment: nothing is decided from it. */
export const readDays = async <K extends ItemKind>(
  store: Store,
  days: Days<K>,
): Promise<Listed<K>[]> => {
  const { from, to, newestFirst = false, limit, pksOf } = days;
  const found: Listed<K>[] = [];
  const [first, last] = [timeOf(from), timeOf(to)].map((at) => at - (at % dayMs));
  const direction = newestFirst ? -1 : 1;
  for (
    let day = first ?? 0;
    found.length < limit && (day - (last ?? 0)) * direction <= 0;
    day += direction * dayMs
  ) {
    const shards = await Promise.all(pksOf(day).map((pk) => readShard(store, pk, days)));
    found.push(...shards.flat().sort((a, b) => (a.at < b.at ? -direction : direction)));
  }
  return found.slice(0, limit);
};

/** The time from which on what is kept for so many days is there. */
export const oldestOf = (now: number, days: number): number => Math.max(0, now - days * dayMs);

/** After everything of that time. */
export const endOf = (at: number): string => momentOf(at, '~');
