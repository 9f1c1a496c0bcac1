import { isNoop, type PlannedChange } from '../../domain/memory/change.ts';
import type { Turn } from '../../domain/memory/turn.ts';
import {
  type ModelOption,
  type ProjectSettings,
  withDefaults,
} from '../../domain/project-settings.ts';
import type { Plan } from '../../domain/table/items.ts';
import { cutoffKeys } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Cutoffs } from '../cutoffs.ts';
import { jsonBytes, maxItemBytes, maxTransactionBytes } from '../store-limits.ts';
import type { ModelAnswer } from './model-answer.ts';
import type { PendingWork } from './pending-turns.ts';
import type { TextRemarks } from './safe-input.ts';

/** Larger plans have items of their own: a page of work items stays small. */
const maxPlanBytesInWork = 8_000;

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

const promptVersionOf = ({ promptVersion }: Platform['languageModel']) =>
  promptVersion === undefined ? {} : { promptVersion };

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
export const buildPlans = (
  { ids, languageModel }: Platform,
  work: readonly (PendingWork & { remarks?: TextRemarks })[],
  changes: readonly PlannedChange[][],
  { revisions, tokens, timings, settings }: BatchFacts,
): PendingWork[] => {
  const tokensPerTurn = (count: number) => Math.round(count / changes.length);
  const revisionsFor = (turn: Turn) => {
    const keys = new Set(cutoffKeys(turn.project, turn).map(({ sk }) => sk));
    return revisions.filter(({ key }) => keys.has(key.sk));
  };
  const predecessors = createPredecessors();
  return work.slice(0, changes.length).map(({ remarks, ...item }, index): PendingWork => {
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
      ...(item.turn.options.infer && promptVersionOf(languageModel)),
      ...(ignored.length > 0 && { ignored }),
      ...remarks,
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

const withoutDetails = (change: PlannedChange): PlannedChange => {
  if (change.type !== 'ADD' && change.type !== 'UPDATE') return change;
  const { categories: _, structuredData: __, ...rest } = change;
  return rest;
};

/** Returns the plan and its size, without categories and structured data if only that makes it fit its item. */
const fitDetails = (whole: Plan): { plan: Plan; size: number } => {
  const size = jsonBytes(whole);
  if (size <= maxItemBytes) return { plan: whole, size };
  const plan = { ...whole, changes: whole.changes.map(withoutDetails) };
  return { plan, size: jsonBytes(plan) };
};

/**
 * Returns the oldest plans that fit one transaction, but always the first. A plan too large for an item is left out until
 * it is the first of its batch; then the store refuses it and the turn fails.
 */
export const plansThatFit = (work: readonly PendingWork[]): PendingWork[] => {
  const fitting: PendingWork[] = [];
  let remainingBytes = maxTransactionBytes;
  for (const item of work) {
    if (!item.plan) {
      fitting.push(item);
      continue;
    }
    const { plan, size } = fitDetails(item.plan);
    remainingBytes -= size;
    if (fitting.length > 0 && (remainingBytes < 0 || size > maxItemBytes)) break;
    fitting.push({ ...item, plan, ...(size > maxPlanBytesInWork && { hasPlanItem: true }) });
  }
  return fitting;
};
