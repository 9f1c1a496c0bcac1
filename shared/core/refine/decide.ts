import { RetryableError, toErrorInfo } from '../../domain/errors.ts';
import type { PlannedChange } from '../../domain/memory/change.ts';
import { cutOffBy } from '../../domain/memory/cutoff-index.ts';
import type { Turn } from '../../domain/memory/turn.ts';
import { encodeVector } from '../../domain/memory/vector.ts';
import type { Plan } from '../../domain/table/items.ts';
import { cutoffKeys, eventKey, planKey, scopeLeaseKey } from '../../domain/table/keys.ts';
import type { ModelFailure, ProposedChange } from '../../ports/language-model.ts';
import type { Platform } from '../../ports/platform.ts';
import { commit, failedConditions } from '../commit.ts';
import { eventIsOpen, holdsLease } from '../conditions.ts';
import { type Cutoffs, keepEntities, readCutoffs } from '../cutoffs.ts';
import { cancelTurn } from '../erasure/cancel-turn.ts';
import { check, put, update } from '../steps.ts';
import { plansThatFit } from './fit-plans.ts';
import { type Lease, LeaseLost } from './lease.ts';
import type { PendingWork } from './pending-turns.ts';
import { planChanges } from './planner.ts';
import { type ModelContext, retrieveContext } from './retrieve-context.ts';
import { verbatim } from './verbatim.ts';

/** The model could not be used for the oldest turns: why. */
export type DecisionFailure = Omit<ModelFailure, 'about'>;

export type Decided =
  | { planned: PendingWork[] }
  /** `asked`: turns that the last request was about. */
  | { undecided: ModelFailure; asked: number };

/** Marks the events as running; false when one ended meanwhile. */
const markRunning = async (platform: Platform, lease: Lease, work: readonly PendingWork[]) => {
  const now = platform.clock.now();
  const result = await commit(platform, [
    check(scopeLeaseKey(lease.project, lease.scope), holdsLease(lease.token)),
    ...work.map(({ pending }) =>
      update(
        eventKey(lease.project, pending.event),
        {
          status: 'RUNNING',
          stage: 'deciding',
          attempts: pending.failures + 1,
          startedAt: now,
          updatedAt: now,
        },
        eventIsOpen,
      ),
    ),
  ]);
  if (failedConditions(result).includes(holdsLease('').name)) throw new LeaseLost(lease.scope);
  return result.committed;
};

interface Failed {
  undecided: ModelFailure;
  asked: number;
}

interface ModelAnswer {
  turns: Turn[];
  changes: ProposedChange[];
  tokens: { prompt: number; completion: number };
}

/** Asks the model about the batch; about ever fewer of its oldest turns when it cannot use the answer. */
const ask = async (
  { languageModel, telemetry }: Platform,
  lease: Lease,
  turns: readonly Turn[],
  { memories }: ModelContext,
): Promise<ModelAnswer | Failed> => {
  let asked = [...turns];
  const tokens = { prompt: 0, completion: 0 };
  for (;;) {
    const decision = await languageModel.decide({ turns: asked, memories }, lease.signal);
    tokens.prompt += decision.usage.prompt;
    tokens.completion += decision.usage.completion;
    if (decision.ok) {
      const { changes, decided = asked.length } = decision;
      if (decided < asked.length) telemetry.log('info', 'model.cut_off', { decided });
      return { turns: asked.slice(0, decided), changes, tokens };
    }
    if (asked.length === 1 || decision.about === 'service') {
      const { ok: _, usage: __, ...undecided } = decision;
      return { undecided, asked: asked.length };
    }
    asked = asked.slice(0, Math.ceil(asked.length / 2));
  }
};

const propose = async (
  platform: Platform,
  lease: Lease,
  turns: Turn[],
  similar: ModelContext,
): Promise<ModelAnswer | Failed> => {
  if (turns[0]?.options.infer === false)
    return { turns, changes: verbatim(turns), tokens: { prompt: 0, completion: 0 } };
  try {
    const asked = await ask(platform, lease, turns, similar);
    if ('undecided' in asked) {
      const { code } = asked.undecided;
      platform.telemetry.log('warn', 'model.failed', { project: lease.project, code });
    }
    return asked;
  } catch (error) {
    if (lease.signal.aborted) throw new LeaseLost(lease.scope);
    const fault = toErrorInfo(error);
    platform.telemetry.log('warn', 'model.failed', { project: lease.project, code: fault.code });
    const retryAfterMs = error instanceof RetryableError ? error.retryAfterMs : undefined;
    const undecided = {
      ...fault,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      about: 'turn' as const,
    };
    return { undecided, asked: turns.length };
  }
};

/** Vectors that a plan may have room for; the indexer embeds the rest. */
const maxVectors = 40;

/** Vectors for what is to be stored. Without an embedder the plan stands all the same: the indexer embeds later. */
const embedChanges = async (
  { embedder, telemetry }: Platform,
  { project, signal }: Lease,
  plans: readonly PlannedChange[][],
): Promise<void> => {
  const texts = plans.flatMap((changes) =>
    changes
      .filter((change) => change.type === 'ADD' || change.type === 'UPDATE')
      .slice(0, maxVectors),
  );
  if (texts.length === 0) return;
  try {
    const vectors = await embedder.embed(
      texts.map(({ text }) => text),
      { project, signal },
    );
    for (const [index, change] of texts.entries()) {
      const vector = vectors[index];
      if (!vector) continue;
      change.vector = encodeVector(vector);
      change.vectorModel = embedder.model;
    }
  } catch {
    telemetry.log('warn', 'refine.without_vectors', { texts: texts.length });
  }
};

/** The platform for a recall that asks no embedder. */
const byWords = (platform: Platform): Platform => ({
  ...platform,
  embedder: { ...platform.embedder, embed: async () => [] },
});

const savePlans = async (platform: Platform, lease: Lease, work: readonly PendingWork[]) => {
  const { project, scope, token } = lease;
  const updatedAt = platform.clock.now();
  const result = await commit(platform, [
    check(scopeLeaseKey(project, scope), holdsLease(token)),
    ...work.flatMap(({ turn, plan }) =>
      plan
        ? [
            put(planKey(project, scope, turn.id), plan),
            update(eventKey(project, turn.event), { stage: 'planned', updatedAt }, eventIsOpen),
          ]
        : [],
    ),
  ]);
  if (failedConditions(result).includes(holdsLease('').name)) throw new LeaseLost(scope);
  return result.committed;
};

/** Cancels the turns a delete-all has overtaken; the rest. */
const dropDeletedTurns = async (
  platform: Platform,
  work: readonly PendingWork[],
  { cutoffs }: Cutoffs,
): Promise<PendingWork[]> => {
  const isCutOff = cutOffBy(cutoffs);
  const rest: PendingWork[] = [];
  for (const item of work) {
    if (isCutOff(item.turn)) await cancelTurn(platform, item.turn);
    else rest.push(item);
  }
  return rest;
};

/**
 * Decides a batch once: recalls, asks the model in one call, embeds, saves the plans. Returns the turns that have a plan
 * now, oldest first; none when the batch changed meanwhile and is to be read again.
 * @throws LeaseLost
 */
export const decide = async (
  platform: Platform,
  lease: Lease,
  batch: readonly PendingWork[],
): Promise<Decided> => {
  const { clock, ids } = platform;
  const project = lease.project;
  const consulted = await readCutoffs(
    platform,
    project,
    batch.map(({ turn }) => turn),
  );
  const work = await dropDeletedTurns(platform, batch, consulted);
  if (work.length === 0 || !(await markRunning(platform, lease, work))) return { planned: [] };
  const turns = work.map(({ turn }) => turn);
  await keepEntities(platform, project, turns, consulted);

  const started = clock.now();
  for (const { turn, pending } of work)
    if (pending.failures === 0)
      platform.telemetry.log('debug', 'turn.started', {
        project,
        queueLatencyMs: started - turn.createdAt,
      });
  const isPlain = turns.every(({ options }) => !options.infer);
  const similar = await retrieveContext(isPlain ? byWords(platform) : platform, lease, turns);
  const recalled = clock.now();
  const asked = await propose(platform, lease, turns, similar);
  if ('undecided' in asked) return asked;
  const answered = clock.now();
  const changes = planChanges(asked.turns, similar.memories, asked.changes, {
    newId: ids.next,
    ...(similar.previous === undefined ? {} : { previous: similar.previous }),
  });
  // A text that is kept word for word waits for no embedder: the indexer embeds it.
  if (!isPlain) await embedChanges(platform, lease, changes);

  const revisionsFor = (turn: Turn) => {
    const keys = new Set(cutoffKeys(project, turn).map(({ sk }) => sk));
    return consulted.revisions.filter(({ key }) => keys.has(key.sk));
  };
  const share = (count: number) => Math.round(count / changes.length);
  let follows: Plan['follows'];
  const plans = work.slice(0, changes.length).map((item, index): PendingWork => {
    const own = changes[index] ?? [];
    const plan: Plan = {
      id: ids.next(),
      turn: item.turn.id,
      changes: own,
      entities: revisionsFor(item.turn),
      after: turns.slice(0, index).map(({ id }) => id),
      ...(follows ? { follows } : {}),
      model: item.turn.options.infer ? platform.languageModel.name : 'verbatim',
      tokens: { prompt: share(asked.tokens.prompt), completion: share(asked.tokens.completion) },
      timings: {
        recall: recalled - started,
        model: answered - recalled,
        embed: clock.now() - answered,
      },
    };
    if (own.some(({ type }) => type === 'DELETE')) follows = { turn: plan.turn, plan: plan.id };
    return { ...item, plan };
  });
  const planned = plansThatFit(plans);
  return { planned: (await savePlans(platform, lease, planned)) ? planned : [] };
};
