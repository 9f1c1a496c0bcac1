import { dayMs } from '../../../shared/domain/time.ts';
import type { SettledService } from '../settled-service.ts';
import type { Fact, Label, Question, User } from './dataset.ts';
import { quantile } from './metrics.ts';

/** `verbatim` stores each fact word for word; `refined` lets the embedded rules draw memories from what the user said. */
export type Variant = 'verbatim' | 'refined';

/** Facts added in one session; the next session is a day later. */
const factsPerSession = 3;
/** Larger than the number of memories of a user. */
const all = { top_k: 1_000, threshold: 0 };

const bodyOf = (variant: Variant, user: User, { name, memory, said }: Fact) => ({
  user_id: user.name,
  metadata: { fact: name },
  infer: variant === 'refined',
  messages: [{ role: 'user', content: variant === 'refined' ? said : memory }],
});

/** Adds the facts of the users, some a day, and waits until all are settled. */
export const addFacts = async (
  service: SettledService,
  variant: Variant,
  users: readonly User[],
): Promise<void> => {
  const events: string[] = [];
  const longest = Math.max(...users.map(({ facts }) => facts.length));
  for (let at = 0; at < longest; at += factsPerSession) {
    for (const user of users)
      for (const fact of user.facts.slice(at, at + factsPerSession))
        events.push(await service.add(bodyOf(variant, user, fact)));
    await service.settle();
    service.jump(dayMs);
  }
  await service.settle();
  await service.requireSuccess(events);
};

/** Best score of each fact. A result counts for the fact that was added with it; one that is only recent does not count. */
const scoresByFact = async (
  service: SettledService,
  user: User,
  query: string,
): Promise<Map<string, number>> => {
  const scores = new Map<string, number>();
  for (const { score, metadata, recent } of await service.search(query, user.name, all)) {
    const fact = String(metadata?.['fact']);
    if (!recent) scores.set(fact, Math.max(score, scores.get(fact) ?? 0));
  }
  return scores;
};

/** Asks one question: scores of its right answers and of unrelated facts, and right answers without any memory. */
export const ask = async (service: SettledService, user: User, { text, labels }: Question) => {
  const scores = await scoresByFact(service, user, text);
  const labelled = (wanted: Label): string[] =>
    [...labels].flatMap(([fact, label]) => (label === wanted ? [fact] : []));
  return {
    right: labelled('right').map((fact) => scores.get(fact) ?? 0),
    unrelated: labelled('unrelated').map((fact) => scores.get(fact) ?? 0),
    missing: labelled('right').filter((fact) => !scores.has(fact)).length,
  };
};

/** Sends queries that nothing answers to each user: share that finds nothing by default, and the 90th percentile of scores. */
export const askNonsense = async (
  service: SettledService,
  users: readonly User[],
  queries: readonly string[],
) => {
  let silent = 0;
  const best: number[] = [];
  for (const user of users)
    for (const query of queries) {
      const found = await service.search(query, user.name);
      if (found.every(({ recent }) => recent)) silent += 1;
      best.push(Math.max(0, ...(await scoresByFact(service, user, query)).values()));
    }
  return { silent: silent / best.length, p90: quantile(best, 0.9) };
};
