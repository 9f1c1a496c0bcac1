import type { ErrorInfo } from '../domain/errors.ts';
import { spendKey } from '../domain/table/usage-keys.ts';
import { dayMs } from '../domain/time.ts';
import type { Usage } from '../ports/language-model.ts';
import type { Platform } from '../ports/platform.ts';
import { commit } from './commit.ts';
import { spendIsAt } from './conditions.ts';
import { put } from './steps.ts';
import { retention } from './ttl.ts';

/*
 * Daily budgets of tokens: of the installation, and of each project. Tokens are counted after each call of the language model, in
 * items of the store, so that all processes share them. Nothing is read or written where no budget is set. A budget is a bound on
 * costs, not an account: calls that begin before other processes have read its end are completed, and calls that crash, are broken off
 * or time out are not counted.
 */

/** Items that the tokens of one day and owner are spread over, so that workers seldom write the same one. */
const shards = 8;
/** Time for which a process trusts what it has read of the tokens of other processes. */
const cacheMs = 5_000;
/** Most owners in memory; the least recently read one is dropped. */
const maxCached = 10_000;
const maxWrites = 8;
const retentionDays = 7;
/** Longest wait before a budget is read again, so that a raised one has an effect. */
const maxPauseMs = 15 * 60_000;
const jitterMs = 30_000;

type Deps = Pick<
  Platform,
  'store' | 'clock' | 'ids' | 'policy' | 'caches' | 'telemetry' | 'languageModel'
>;

/** A budget and its use today. */
export interface Budget {
  limit: number;
  tokens: number;
  /** Start of the next day (UTC), ms since 1970. */
  resetsAt: number;
}

/** Owner of a budget: a project, or the installation. */
type BudgetOwner = { project: string } | 'installation';

const dayOf = (at: number): number => Math.floor(at / dayMs) * dayMs;

const budgetsFor = (
  { policy }: Pick<Deps, 'policy'>,
  project: string,
): { owner: BudgetOwner; limit: number }[] => {
  const budgets = [
    { owner: { project }, limit: policy.projectTokensPerDay },
    { owner: 'installation' as const, limit: policy.tokensPerDay },
  ];
  return budgets.filter(({ limit }) => limit > 0);
};

const nameOf = (owner: BudgetOwner): string =>
  owner === 'installation' ? '' : `P#${owner.project}`;

/** Returns the tokens of a day and owner: the number read last, and what this process has counted since. */
const readTokens = async (
  { store, clock, caches }: Deps,
  owner: BudgetOwner,
  day: number,
): Promise<number> => {
  const name = nameOf(owner);
  caches.spend ??= new Map();
  const { spend } = caches;
  const cached = spend.get(name);
  if (cached?.day === day && clock.now() < cached.readAt + cacheMs) return cached.tokens;
  const keys = Array.from({ length: shards }, (_, shard) => spendKey(owner, day, shard));
  const readAt = clock.now();
  const items = await store.getMany(keys);
  const tokens = items.reduce((sum, item) => sum + (item?.tokens ?? 0), 0);
  spend.delete(name);
  spend.set(name, { day, readAt, tokens });
  const [oldest] = spend.keys();
  if (spend.size > maxCached && oldest !== undefined) spend.delete(oldest);
  return tokens;
};

/** Budget of the project itself; undefined if none is set. Up to 5 s old. */
export const projectBudget = async (
  platform: Deps,
  project: string,
): Promise<Budget | undefined> => {
  const limit = platform.policy.projectTokensPerDay;
  if (limit === 0) return undefined;
  const day = dayOf(platform.clock.now());
  return { limit, tokens: await readTokens(platform, { project }, day), resetsAt: day + dayMs };
};

/** The used up budget because of which the model must not be asked for the project; undefined if it may be asked. */
export const spentBudget = async (platform: Deps, project: string): Promise<Budget | undefined> => {
  // Rules use no tokens, whatever a model has used before them on this day.
  if (platform.languageModel.quality === 'basic') return undefined;
  const day = dayOf(platform.clock.now());
  for (const { owner, limit } of budgetsFor(platform, project)) {
    const tokens = await readTokens(platform, owner, day);
    if (tokens >= limit) return { limit, tokens, resetsAt: day + dayMs };
  }
  return undefined;
};

/** Error of work that waits for a budget. Names no figure of the installation. */
export const budgetError = ({ resetsAt }: Budget): ErrorInfo => ({
  code: 'model_budget_spent',
  message: `The language model's tokens of this day are used up. The next ones are available at ${new Date(resetsAt).toISOString()}.`,
  retryable: true,
});

/** When work that waits for a budget is tried again, ms since 1970: after the budget's day, or soon, should it be raised. */
export const budgetCheckAt = ({ resetsAt }: Budget, now: number, random: number): number =>
  Math.ceil(Math.min(resetsAt, now + maxPauseMs) + random * jitterMs);

const addToItem = async (
  platform: Deps,
  owner: BudgetOwner,
  day: number,
  tokens: number,
): Promise<boolean> => {
  const { store, ids } = platform;
  for (let write = 0; write < maxWrites; write++) {
    const key = spendKey(owner, day, Math.floor(ids.random() * shards));
    const before = await store.get(key);
    const version = before?.version ?? 0;
    const next = { tokens: (before?.tokens ?? 0) + tokens, version: version + 1 };
    const item = { ...next, ...retention(retentionDays, day) };
    const { committed } = await commit(platform, [put(key, item, spendIsAt(version))]);
    if (committed) return true;
  }
  return false;
};

/** Counts tokens of one budget. */
const countFor = async (
  platform: Deps,
  { owner, limit }: { owner: BudgetOwner; limit: number },
  day: number,
  tokens: number,
): Promise<void> => {
  const before = await readTokens(platform, owner, day);
  const cached = platform.caches.spend?.get(nameOf(owner));
  if (cached?.day === day) cached.tokens += tokens;
  if (before < limit && before + tokens >= limit)
    platform.telemetry.log('warn', 'model.budget_spent', {
      ...(owner === 'installation' ? {} : owner),
      limit,
    });
  if (!(await addToItem(platform, owner, day, tokens)))
    platform.telemetry.log('warn', 'model.tokens_uncounted', { tokens });
};

/**
 * Counts the tokens of a call of the model for the project. Never rejects: a count that cannot be written is logged and lost for
 * other processes.
 */
export const countTokens = async (
  platform: Deps,
  project: string,
  { prompt, completion }: Usage,
): Promise<void> => {
  const tokens = prompt + completion;
  if (tokens === 0) return;
  const day = dayOf(platform.clock.now());
  for (const budget of budgetsFor(platform, project)) {
    try {
      await countFor(platform, budget, day, tokens);
    } catch {
      platform.telemetry.log('warn', 'model.tokens_uncounted', { tokens });
    }
  }
};
