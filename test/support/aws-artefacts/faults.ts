import { createHash } from 'node:crypto';
import { setTimeout as after } from 'node:timers/promises';
import type { Random } from '../../../shared/simulation/random.ts';
import type { Call } from './aws-calls.ts';
import { type Answer, type Interference, refusal } from './aws-proxy.ts';

type Send = (input?: unknown) => Promise<Answer>;

/** A fault, injected in place of the regular handling of a call. */
type Fault = (call: Call, send: Send) => Promise<Answer | undefined>;

/** Faults of some calls, each with its probability. */
export interface FaultKind {
  applies(call: Call): boolean;
  chance: number;
  fault: Fault;
}

const isOf = (service: string, ...operations: string[]) => {
  const wanted = new Set(operations);
  return (call: Call): boolean =>
    call.service === service &&
    (wanted.size === 0 || wanted.has(call.operation)) &&
    !call.environment.endsWith('.source');
};

export const isSend = isOf('sqs', 'SendMessageBatch');
/** Returns whether a call sends hints about webhooks. */
export const isNotificationSend = (call: Call): boolean =>
  isSend(call) && /\/Notifications[^/]*$/.test(String(call.input.QueueUrl));
const isTable = isOf('dynamodb');
const isWrite = isOf('dynamodb', 'PutItem', 'UpdateItem', 'DeleteItem', 'TransactWriteItems');
const isTransaction = isOf('dynamodb', 'TransactWriteItems');
const isSingleWrite = isOf('dynamodb', 'PutItem', 'UpdateItem', 'DeleteItem');

/** Most messages per request. */
const batchSize = 10;

interface Entry {
  Id: string;
  MessageBody: string;
}

const entriesOf = ({ input }: Call): Entry[] => input.Entries;

const taken = (entries: readonly Entry[]): Answer => ({
  status: 200,
  headers: { 'content-type': 'application/x-amz-json-1.0' },
  body: JSON.stringify({
    Successful: entries.map(({ Id, MessageBody }) => ({
      Id,
      MessageId: Id,
      MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex'),
    })),
  }),
});

const unavailable = (): Answer => refusal(503, 'ServiceUnavailable');

/** Accepts the hints and never delivers them. */
const dropHints: Fault = async (call) => taken(entriesOf(call));

const doubleHints: Fault = async (_, send) => {
  await send();
  return send();
};

export const refuseHints: Fault = async () => unavailable();

/** Delivers each hint several times at once, when first sent. */
export const multiplyHints = (copies: number): Fault => {
  const sent = new Set<string>();
  return async (call, send) => {
    const fresh = entriesOf(call).filter(({ MessageBody }) => !sent.has(MessageBody));
    for (const { MessageBody } of fresh) sent.add(MessageBody);
    const more = fresh.flatMap((entry) => Array.from({ length: copies - 1 }, () => entry));
    const batches = Array.from({ length: Math.ceil(more.length / batchSize) }, (_, i) =>
      more.slice(i * batchSize, (i + 1) * batchSize),
    );
    const [answer] = await Promise.all([
      send(),
      ...batches.map((Entries) =>
        send({ ...call.input, Entries: Entries.map((entry, i) => ({ ...entry, Id: String(i) })) }),
      ),
    ]);
    return answer;
  };
};

/** Delays each hint by up to three seconds, so that hints arrive in another order. */
const delayHints =
  (random: Random): Fault =>
  (call, send) =>
    send({
      ...call.input,
      Entries: entriesOf(call)
        .map((entry) => ({ ...entry, DelaySeconds: random.below(4) }))
        .toReversed(),
    });

/** Rejects the call before any effect. */
const throttle: Fault = async () => refusal(400, 'ProvisionedThroughputExceededException');

/** Executes the call and drops the response. */
const loseAnswer: Fault = async (_, send) => {
  await send();
  return undefined;
};

/** Executes the call and responds after the client's timeout. */
const answerLate: Fault = async (_, send) => {
  const answer = await send();
  await after(3_500);
  return answer;
};

const conflictInTransaction: Fault = async ({ input }) =>
  refusal(400, 'TransactionCanceledException', {
    CancellationReasons: input.TransactItems.map((_: unknown, i: number) =>
      i === 0 ? { Code: 'TransactionConflict', Message: 'injected' } : { Code: 'None' },
    ),
  });

const conflictWithTransaction: Fault = async () => refusal(400, 'TransactionConflictException');

/** Builds all kinds of faults of the queues and the table, by name. */
export const faultKinds = (random: Random) => ({
  'dropped hints': { applies: isSend, chance: 0.5, fault: dropHints },
  'hints doubled, so that workers meet in one scope': {
    applies: isSend,
    chance: 0.7,
    fault: doubleHints,
  },
  'hints late and out of order': { applies: isSend, chance: 0.7, fault: delayHints(random) },
  'refused hints': { applies: isSend, chance: 0.5, fault: refuseHints },
  throttles: { applies: isTable, chance: 0.15, fault: throttle },
  'lost answers of writes': { applies: isWrite, chance: 0.1, fault: loseAnswer },
  'late answers of writes': { applies: isWrite, chance: 0.03, fault: answerLate },
  'transaction conflicts': { applies: isTransaction, chance: 0.2, fault: conflictInTransaction },
  'conflicts with transactions': {
    applies: isSingleWrite,
    chance: 0.15,
    fault: conflictWithTransaction,
  },
});

/** Limits kinds of faults to some calls. */
export const amid = (kinds: readonly FaultKind[], isMeant: FaultKind['applies']): FaultKind[] =>
  kinds.map((kind) => ({ ...kind, applies: (call) => isMeant(call) && kind.applies(call) }));

/** Builds an interference that injects faults at random, reproducible for the same order of calls. */
export const byChance = (random: Random, kinds: readonly FaultKind[], share = 1) => {
  let count = 0;
  const interference: Interference = async (call, send) => {
    const kind = kinds.find(
      ({ applies, chance }) => applies(call) && random.chance(chance * share),
    );
    if (!kind) return send();
    count += 1;
    return kind.fault(call, send);
  };
  return { interference, count: () => count };
};
