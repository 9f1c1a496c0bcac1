import { type NewMessage, outcomesOf, separateFiles } from '../domain/memory/attachment.ts';
import { type Entities, scopeOf } from '../domain/memory/entities.ts';
import {
  type Metadata,
  type Turn,
  type TurnOptions,
  verbatimTexts,
} from '../domain/memory/turn.ts';
import type { Hold } from '../domain/processing.ts';
import type { RedactionCounts } from '../domain/sensitive/sensitive.ts';
import { filesKey, pendingKey, recentKeys, turnKey } from '../domain/table/keys.ts';
import { pendingOutbox } from '../domain/webhooks/outbox.ts';
import type { Platform } from '../ports/platform.ts';
import type { Condition, Step } from '../ports/store.ts';
import { abandonFiles, storeFiles } from './attachments/file-record.ts';
import { commit, failedConditions } from './commit.ts';
import { entityIsAt, idempotencyEventIs, requestIsNew, turnIsNew } from './conditions.ts';
import { recordEntities } from './cutoffs.ts';
import { enqueueHints, hints } from './hints.ts';
import {
  existingRecord,
  type IdempotencyRecord,
  idempotencyWrite,
  toIdempotencyRecord,
} from './idempotency.ts';
import { cachedProjectSettings } from './processing/processing-settings.ts';
import { redactTurn } from './projects/redaction.ts';
import { replayOf } from './repeats.ts';
import { newEvent, newOutbox, put, remove } from './steps.ts';
import { jsonBytes } from './store-limits.ts';
import { traceOf } from './traced.ts';

export interface AcceptRequest {
  entities: Entities;
  messages: NewMessage[];
  metadata: Metadata;
  options: TurnOptions;
  /** When the conversation took place, ms since 1970; default: now. */
  observedAt?: number;
  idempotencyKey?: string;
  /** false: an equal request without a key is a new turn, even within the deduplication window. */
  dedupe?: boolean;
  /**
   * Time in which an equal request without a key is a repeat, ms, also once the event is final: as long as nothing of the earlier turn
   * was erased or changed, and the turn is the newest of its owner. Default: 10 s, and only as long as the event is not final.
   */
  repeatWindowMs?: number;
  /** Present if the turn may wait for others, or for a request to process. */
  hold?: Hold;
  /** Field of the request that is the only message, for errors. Default: `messages[0].content`. */
  textField?: string;
  /** Whether values that the project refuses are masked instead, since the text cannot be refused any more. */
  masksRefused?: true;
  /** Id of the event; default: a new one. */
  event?: string;
  /** Of the first turn of a request that makes several. */
  group?: TurnGroup;
}

/** The other turns of a request for several owners, and the copies of the first turn; each with the ids of their events. */
export interface TurnGroup {
  owners: readonly Entities[];
  events: string[];
  copyOwners: readonly Entities[];
  copies: string[];
}

export type AcceptResult =
  | {
      outcome: 'accepted' | 'replayed';
      event: string;
      turn: string;
      /** Values that were masked or dropped. */
      redacted?: RedactionCounts;
    }
  | { outcome: 'key_reused' }
  | { outcome: 'too_large'; limit: number }
  | { outcome: 'too_many'; limit: number }
  | { outcome: 'too_much_metadata'; limit: number };

/** Bytes of JSON. The limit makes sure that the turn's plan and outbox fit items of the store as well. */
export const maxTurnBytes = 262_144;
/** Texts of one turn that are stored verbatim, each as a memory of its own. */
const maxVerbatimTexts = 500;
/** Bytes of the metadata in all memories of one turn that is stored verbatim: each has a copy, which every read loads. */
const maxMetadataCopiesBytes = 3_200_000;

/**
 * A turn still rough after this is indexed as well, in case newer recent pointers crowd out its own. Long enough for most turns to be
 * applied and indexed first, so that their due time need not change.
 */
const indexPendingAfterMs = 300_000;

const verbatimMark = ({ infer }: TurnOptions): { verbatim?: true } =>
  infer ? {} : { verbatim: true };

/** The reason why the verbatim texts of a turn are not accepted, if any. */
const excessOf = ({
  messages,
  metadata,
  options,
}: Pick<Turn, 'messages' | 'metadata' | 'options'>):
  | Extract<AcceptResult, { limit: number }>
  | undefined => {
  if (options.infer) return undefined;
  const texts = verbatimTexts({ messages, options });
  if (texts.length > maxVerbatimTexts) return { outcome: 'too_many', limit: maxVerbatimTexts };
  // A long text becomes several memories, but a turn of the largest size has few of those.
  return texts.length * jsonBytes(metadata) > maxMetadataCopiesBytes
    ? { outcome: 'too_much_metadata', limit: maxMetadataCopiesBytes }
    : undefined;
};

/** Whether a worker has to look at the turn now: a hold without threshold and idle time ends only by a request or another turn. */
const isWorkDue = (hold: Hold | undefined): boolean =>
  !hold || hold.threshold !== undefined || hold.idleAt !== undefined;

/** Parts of a request that are written beside its turn. */
type AcceptedParts = Pick<AcceptRequest, 'hold' | 'group'> & { skipped: string[] };

const acceptWrites = (
  turn: Turn,
  { hold, group, skipped }: AcceptedParts,
  record: IdempotencyRecord | undefined,
  when: Condition,
): Step[] => {
  const { project, id, event, scope, entities, createdAt: now } = turn;
  const attachments = outcomesOf(turn);
  const steps: Step[] = [
    put(turnKey(project, id), { ...turn, dueAt: now + indexPendingAfterMs }, turnIsNew),
    newEvent({
      id: event,
      project,
      kind: 'ADD',
      entities,
      turn: id,
      ...verbatimMark(turn.options),
      ...(attachments ? { attachments } : {}),
      ...(skipped.length > 0 ? { skipped } : {}),
      ...(group?.events.length ? { group: group.events } : {}),
      ...(group?.copies.length ? { copies: group.copies } : {}),
      ...(turn.redacted && { redacted: turn.redacted }),
      createdAt: now,
    }),
    put(pendingKey(project, scope, id), {
      turn: id,
      event,
      project,
      scope,
      failures: 0,
      ...(hold && { hold }),
      ...(isWorkDue(hold) && { dueAt: now }),
    }),
    ...recentKeys(project, turn, id).map((key) => put(key, { turn: id, entities })),
    ...(turn.unannouncedAt !== undefined ? [] : [newOutbox(scope, pendingOutbox(turn))]),
  ];
  if (turn.blobs) steps.push(remove(filesKey(project, id)));
  if (record) steps.push(idempotencyWrite(turn, record, when));
  return steps;
};

/** Commits the writes. Returns the idempotency record that refused them, if any. After a lost answer the turn is looked up. */
const tryCommit = async (platform: Platform, turn: Turn, steps: readonly Step[]) => {
  try {
    const result = await commit(platform, steps);
    const refusing = failedConditions(result);
    const committed = result.committed || refusing.includes(turnIsNew.name);
    const isChanged = refusing.includes(entityIsAt(0).name);
    return { committed, isChanged, earlier: existingRecord(result) };
  } catch (error) {
    if (!(await platform.store.get(turnKey(turn.project, turn.id)))) throw error;
    return { committed: true, isChanged: false, earlier: undefined };
  }
};

const commitOnce = async (
  platform: Platform,
  turn: Turn,
  request: AcceptedParts,
  record: IdempotencyRecord | undefined,
  entitySteps: readonly Step[],
): Promise<AcceptResult | undefined> => {
  let when = requestIsNew;
  for (;;) {
    const { committed, isChanged, earlier } = await tryCommit(platform, turn, [
      ...acceptWrites(turn, request, record, when),
      ...entitySteps,
    ]);
    if (isChanged && !committed) return undefined;
    if (committed) return { outcome: 'accepted', event: turn.event, turn: turn.id };
    // The record that refused the transaction has expired meanwhile: try again as a new request.
    when = requestIsNew;
    if (!record || !earlier) continue;
    const replay = await replayOf(platform, turn.project, record, earlier);
    if (replay) return replay;
    when = idempotencyEventIs(earlier.event);
  }
};

/**
 * Accepts a turn: one transaction, then a hint. Once this resolves with `accepted`, the turn is durable, every later read of
 * its entities sees it, and it will be refined, whether or not the hint arrives. When it throws, the outcome is unknown:
 * repeating the request within the idempotency window returns the event that exists, or accepts the turn. Files are stored before;
 * those of a turn that is not accepted are removed, after a crash within a day.
 * Sensitive values are masked, dropped or refused first, by the settings of the project: nothing that is stored has them.
 * @throws RetryableError when the store, or that of the files, cannot be reached; RefusedValueError
 */
export const accept = async (
  platform: Platform,
  project: string,
  request: AcceptRequest,
): Promise<AcceptResult> => {
  for (;;) {
    const accepted = await acceptUnlessChanged(platform, project, request, []);
    if (accepted) return accepted;
  }
};

/**
 * Accepts a turn as `accept` does, together with steps on the records of entities.
 * @param entitySteps each conditional on the revision of its record (`entityIsAt`)
 * @returns undefined, with nothing written, when a delete-all came since a record was read
 */
export const acceptUnlessChanged = async (
  platform: Platform,
  project: string,
  request: AcceptRequest,
  entitySteps: readonly Step[],
): Promise<AcceptResult | undefined> => {
  const { entities, metadata } = request;
  const texts = await redactTurn(platform, project, request);
  const { options, redacted } = texts;
  const { messages, files, skipped } = separateFiles(texts.messages);
  if (jsonBytes([messages, metadata, options]) > maxTurnBytes)
    return { outcome: 'too_large', limit: maxTurnBytes };
  const excess = excessOf({ messages, metadata, options });
  if (excess) return excess;
  const now = platform.clock.now();
  const rest: Turn = {
    id: platform.ids.next(),
    project,
    event: request.event ?? platform.ids.next(),
    scope: scopeOf(entities),
    ...traceOf(platform),
    entities,
    messages,
    metadata,
    options,
    createdAt: now,
    observedAt: request.observedAt ?? now,
    state: 'pending',
    ...(files.size > 0 ? { blobs: [...files.keys()] } : {}),
    ...redacted,
  };
  if (files.size > 0) await storeFiles(platform, rest, files);
  // Read last: an endpoint that exists by now is notified.
  const { isNotified } = await cachedProjectSettings(platform, project);
  const turn = isNotified ? rest : { ...rest, unannouncedAt: platform.clock.now() };
  const [accepted] = await Promise.all([
    commitOnce(
      platform,
      turn,
      { ...request, skipped },
      toIdempotencyRecord({ ...request, messages, options }),
      entitySteps,
    ),
    recordEntities(platform, project, entities),
  ]);
  if (accepted?.outcome !== 'accepted') {
    if (files.size > 0) await abandonFiles(platform, turn);
    return accepted;
  }
  platform.telemetry.log('debug', 'turn.accepted', { project, eventId: turn.event });
  await enqueueHints(platform, [
    ...(isWorkDue(request.hold)
      ? [{ ...hints.refine(project, turn.scope), ...verbatimMark(options) }]
      : []),
    ...(isNotified ? [hints.outbox(project, turn.scope, pendingOutbox(turn).id)] : []),
  ]);
  return { ...accepted, ...redacted };
};
