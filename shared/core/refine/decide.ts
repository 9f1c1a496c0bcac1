import { isNoop, type PlannedChange } from '../../domain/memory/change.ts';
import { cutOffBy } from '../../domain/memory/cutoff-index.ts';
import type { Turn } from '../../domain/memory/turn.ts';
import { encodeVector } from '../../domain/memory/vector.ts';
import {
  type ModelOption,
  type ProjectSettings,
  withDefaults,
} from '../../domain/project-settings.ts';
import type { Plan } from '../../domain/table/items.ts';
import { cutoffKeys, eventKey, planKey, scopeLeaseKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import { commit, failedConditions } from '../commit.ts';
import { eventIsOpen, holdsLease } from '../conditions.ts';
import { type Cutoffs, keepEntities, readCutoffsAndSettings } from '../cutoffs.ts';
import { cancelTurn } from '../erasure/cancel-turn.ts';
import { tryEmbedMessages } from '../retrieval/message-vectors.ts';
import { messagesOf } from '../retrieval/messages.ts';
import { check, put, update } from '../steps.ts';
import { plansThatFit } from './fit-plans.ts';
import { type Lease, LeaseLost } from './lease.ts';
import type { PendingWork } from './pending-turns.ts';
import { planChanges } from './planner.ts';
import { type FailedRequest, type ModelAnswer, proposeChanges } from './propose-changes.ts';
import { retrieveContext } from './retrieve-context.ts';

export type DecideResult =
  /** Turns that have a saved plan now, oldest first. */
  { planned: PendingWork[] } | FailedRequest;

/** Marks the events as running; false when one has ended since the batch was read. */
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

/** Vectors made for one plan, whose item holds about as many; the indexer embeds the other texts. */
const maxVectors = 40;

/** Adds vectors to the planned texts. Without an embedder the plans are saved without vectors, and the indexer embeds later. */
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
      { project, priority: 'add', signal },
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

/** A platform whose retrieval is lexical only, since no text is embedded. */
const withoutEmbedder = (platform: Platform): Platform => ({
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

/** Cancels the turns that a delete-all covers. Returns the others. */
const dropDeletedTurns = async (
  platform: Platform,
  work: readonly PendingWork[],
  { cutoffs }: Cutoffs,
): Promise<PendingWork[]> => {
  const isCutOff = cutOffBy(cutoffs);
  const kept: PendingWork[] = [];
  for (const item of work) {
    if (isCutOff(item.turn)) await cancelTurn(platform, item.turn);
    else kept.push(item);
  }
  return kept;
};

const logStarts = ({ telemetry, clock }: Platform, work: readonly PendingWork[]): void => {
  const now = clock.now();
  for (const { turn, pending } of work)
    if (pending.failures === 0)
      telemetry.log('debug', 'turn.started', {
        project: turn.project,
        queueLatencyMs: now - turn.createdAt,
      });
};

/** Facts that the plans of a batch share. */
interface BatchFacts {
  revisions: Cutoffs['revisions'];
  tokens: ModelAnswer['tokens'];
  timings: Plan['timings'];
  settings: ProjectSettings | undefined;
}

/** Options that were set for a turn and that the model does not follow. Texts without inference need no model. */
const ignoredOptions = (
  languageModel: Platform['languageModel'],
  { options }: Turn,
  settings: ProjectSettings | undefined,
): ModelOption[] =>
  options.infer ? (languageModel.ignores?.(withDefaults(options, settings)) ?? []) : [];

/** Collects the plans of a batch on which later plans rest: plans that wrote a memory a later plan names, and the last closing plan. */
const createPredecessors = () => {
  const writers = new Map<string, Plan['follows'][number]>();
  let lastClosing: Plan['follows'][number] | undefined;
  return {
    of(changes: readonly PlannedChange[]): Plan['follows'] {
      const found = changes.flatMap(({ memory = '' }) => writers.get(memory) ?? []);
      return [...new Set(lastClosing ? [...found, lastClosing] : found)];
    },
    add({ id, turn, changes }: Plan): void {
      const self = { turn, plan: id };
      for (const change of changes)
        if (change.memory !== undefined && !isNoop(change)) writers.set(change.memory, self);
      if (changes.some(({ type }) => type === 'DELETE')) lastClosing = self;
    },
  };
};

/**
 * Builds the plans of the batch's oldest turns. A plan records what it rests on, for `apply` to check: the revision of the
 * turn, the delete-alls of its entities, the earlier turns of the batch, and the earlier plans that it takes for done.
 */
const buildPlans = (
  { ids, languageModel }: Platform,
  work: readonly PendingWork[],
  changes: readonly PlannedChange[][],
  { revisions, tokens, timings, settings }: BatchFacts,
): PendingWork[] => {
  const tokensPerTurn = (count: number) => Math.round(count / changes.length);
  const revisionsFor = (turn: Turn) => {
    const keys = new Set(cutoffKeys(turn.project, turn).map(({ sk }) => sk));
    return revisions.filter(({ key }) => keys.has(key.sk));
  };
  const predecessors = createPredecessors();
  return work.slice(0, changes.length).map((item, index): PendingWork => {
    const ownChanges = changes[index] ?? [];
    const ignored = ignoredOptions(languageModel, item.turn, settings);
    const plan: Plan = {
      id: ids.next(),
      turn: item.turn.id,
      turnRevision: item.turn.revision ?? 0,
      changes: ownChanges,
      entities: revisionsFor(item.turn),
      after: work.slice(0, index).map(({ turn }) => turn.id),
      follows: predecessors.of(ownChanges),
      model: item.turn.options.infer ? languageModel.name : 'verbatim',
      ...(ignored.length > 0 && { ignored }),
      tokens: {
        prompt: tokensPerTurn(tokens.prompt),
        completion: tokensPerTurn(tokens.completion),
      },
      timings,
    };
    predecessors.add(plan);
    return { ...item, plan };
  });
};

/**
 * Decides a batch: retrieves what the scope knows, asks the model in one call, embeds, and saves the plans before
 * anything is applied, so that a retry after a crash never asks the model again. Returns no turns when the batch changed
 * meanwhile and has to be read again.
 * @throws LeaseLost
 */
export const decide = async (
  platform: Platform,
  lease: Lease,
  batch: readonly PendingWork[],
): Promise<DecideResult> => {
  const { clock, ids } = platform;
  const { project } = lease;
  const batchTurns = batch.map(({ turn }) => turn);
  const isVerbatim = batchTurns.every(({ options }) => !options.infer);
  const cutoffs = await readCutoffsAndSettings(platform, project, batchTurns);
  const work = await dropDeletedTurns(platform, batch, cutoffs);
  if (work.length === 0 || !(await markRunning(platform, lease, work))) return { planned: [] };
  const turns = work.map(({ turn }) => turn);
  await keepEntities(platform, project, turns, cutoffs);
  logStarts(platform, work);

  const startedAt = clock.now();
  const retrievalPlatform = isVerbatim ? withoutEmbedder(platform) : platform;
  const known = await retrieveContext(retrievalPlatform, lease, turns);
  const retrievedAt = clock.now();
  // Not awaited. Searches rank by these vectors until the index has the messages, and the indexer uses them again.
  if (!isVerbatim)
    void tryEmbedMessages(platform, project, turns.flatMap(messagesOf), {
      signal: lease.signal,
      priority: 'add',
    });
  const answer = await proposeChanges(platform, lease, turns, known, cutoffs.settings);
  if ('failure' in answer) return answer;
  const answeredAt = clock.now();
  const changes = planChanges(answer.turns, known, answer.changes, ids.next);
  // Verbatim turns do not wait for the embedder: the indexer embeds their texts.
  if (!isVerbatim) await embedChanges(platform, lease, changes);
  const timings = {
    retrieve: retrievedAt - startedAt,
    model: answeredAt - retrievedAt,
    embed: clock.now() - answeredAt,
  };
  const { revisions, settings } = cutoffs;
  const planned = plansThatFit(
    buildPlans(platform, work, changes, { revisions, tokens: answer.tokens, timings, settings }),
  );
  return { planned: (await savePlans(platform, lease, planned)) ? planned : [] };
};
