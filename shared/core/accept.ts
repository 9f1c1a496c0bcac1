import { type Entities, scopeOf } from '../domain/memory/entities.ts';
import { isFinal } from '../domain/memory/event.ts';
import {
  type Message,
  type Metadata,
  type Turn,
  type TurnOptions,
  verbatimTexts,
} from '../domain/memory/turn.ts';
import type { Item } from '../domain/table/items.ts';
import { eventKey, pendingKey, recentKeys, turnKey } from '../domain/table/keys.ts';
import { pendingOutbox } from '../domain/webhooks/outbox.ts';
import type { Platform } from '../ports/platform.ts';
import type { Condition, Step } from '../ports/store.ts';
import { commit, failedConditions } from './commit.ts';
import { claimIsStill, requestIsNew, turnIsNew } from './conditions.ts';
import { recordEntities } from './cutoffs.ts';
import { enqueueHints, hints } from './hints.ts';
import {
  existingRecord,
  type IdempotencyRecord,
  idempotencyWrite,
  toIdempotencyRecord,
} from './idempotency.ts';
import { newEvent, newOutbox, put } from './steps.ts';

export interface AcceptRequest {
  entities: Entities;
  messages: Message[];
  metadata: Metadata;
  options: TurnOptions;
  /** When the conversation took place, ms since 1970; default: now. */
  observedAt?: number;
  idempotencyKey?: string;
  /** false: a repeat within seconds, without a key, is a new turn all the same. */
  dedupe?: boolean;
}

export type Accepted =
  | { outcome: 'accepted' | 'replayed'; event: string; turn: string }
  | { outcome: 'key_reused' }
  | { outcome: 'too_large'; limit: number }
  | { outcome: 'too_many'; limit: number };

/** Bytes of JSON: what the turn becomes, its plan and what is told of it, fits items of the store, too. */
export const maxTurnBytes = 262_144;
/** Texts of one turn that are kept word for word, each as a memory of its own. */
const maxKeptTexts = 500;

/** A turn still rough by then is also indexed verbatim, in case newer pointers crowd its own out. */
const indexPendingAfterMs = 120_000;

const verbatimMark = ({ infer }: TurnOptions): { verbatim?: true } =>
  infer ? {} : { verbatim: true };

const writes = (turn: Turn, claim: IdempotencyRecord | undefined, when: Condition) => {
  const { project, id, event, scope, entities, createdAt: now } = turn;
  const outbox = pendingOutbox(turn);
  const steps: Step[] = [
    put(turnKey(project, id), { ...turn, dueAt: now + indexPendingAfterMs }, turnIsNew),
    newEvent({
      id: event,
      project,
      kind: 'ADD',
      entities,
      turn: id,
      ...verbatimMark(turn.options),
      createdAt: now,
    }),
    put(pendingKey(project, scope, id), {
      turn: id,
      event,
      project,
      scope,
      failures: 0,
      dueAt: now,
    }),
    ...recentKeys(project, turn, id).map((key) => put(key, { turn: id, entities })),
    newOutbox(scope, outbox),
  ];
  if (claim) steps.push(idempotencyWrite(turn, claim, when));
  return steps;
};

/** Commits, or tells which earlier request stands in the way. A commit whose answer was lost is looked up. */
const tryCommit = async (platform: Platform, turn: Turn, steps: readonly Step[]) => {
  try {
    const result = await commit(platform, steps);
    const committed = result.committed || failedConditions(result).includes(turnIsNew.name);
    return { committed, earlier: existingRecord(result) };
  } catch (error) {
    if (!(await platform.store.get(turnKey(turn.project, turn.id)))) throw error;
    return { committed: true, earlier: undefined };
  }
};

/** What an earlier claim means for this request; undefined: nothing, the earlier event is over and this is a new turn. */
const replayOf = async (
  platform: Platform,
  project: string,
  claim: IdempotencyRecord,
  earlier: Item<'IDEM'>,
): Promise<Accepted | undefined> => {
  if (earlier.request !== claim.request) return { outcome: 'key_reused' };
  const replay: Accepted = { outcome: 'replayed', event: earlier.event, turn: earlier.turn };
  if (claim.keyed) return replay;
  const event = await platform.store.get(eventKey(project, earlier.event));
  return event && !isFinal(event.status) ? replay : undefined;
};

const commitOnce = async (
  platform: Platform,
  turn: Turn,
  claim: IdempotencyRecord | undefined,
): Promise<Accepted> => {
  let when = requestIsNew;
  for (;;) {
    const { committed, earlier } = await tryCommit(platform, turn, writes(turn, claim, when));
    if (committed) return { outcome: 'accepted', event: turn.event, turn: turn.id };
    // Refused by a claim that has just gone: claim anew.
    when = requestIsNew;
    if (!claim || !earlier) continue;
    const replay = await replayOf(platform, turn.project, claim, earlier);
    if (replay) return replay;
    when = claimIsStill(earlier.event);
  }
};

/**
 * Takes a turn: one transaction, then a hint. Once this resolves with `accepted` the turn is durable, every later read of
 * its entities sees it, and it will be refined, whether or not the hint arrived. A throw means the outcome is unknown:
 * the same request sent again within the idempotency window answers with the event there is.
 */
export const accept = async (
  platform: Platform,
  project: string,
  request: AcceptRequest,
): Promise<Accepted> => {
  const { entities, messages, metadata, options } = request;
  if (Buffer.byteLength(JSON.stringify([messages, metadata, options])) > maxTurnBytes)
    return { outcome: 'too_large', limit: maxTurnBytes };
  if (!options.infer && verbatimTexts({ messages, options }).length > maxKeptTexts)
    return { outcome: 'too_many', limit: maxKeptTexts };
  const now = platform.clock.now();
  const turn: Turn = {
    id: platform.ids.next(),
    project,
    event: platform.ids.next(),
    scope: scopeOf(entities),
    entities,
    messages,
    metadata,
    options,
    createdAt: now,
    observedAt: request.observedAt ?? now,
    state: 'pending',
  };
  const [accepted] = await Promise.all([
    commitOnce(platform, turn, toIdempotencyRecord(request)),
    recordEntities(platform, project, entities),
  ]);
  if (accepted.outcome !== 'accepted') return accepted;
  platform.telemetry.log('debug', 'turn.accepted', { project, eventId: turn.event });
  await enqueueHints(platform, [
    { ...hints.refine(project, turn.scope), ...verbatimMark(options) },
    hints.outbox(project, turn.scope, pendingOutbox(turn).id),
  ]);
  return accepted;
};
