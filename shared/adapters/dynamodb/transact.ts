import type { DynamoDBClient, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import type { Refusal, Step, Store, Transacted } from '../../ports/store.ts';
import type { Attempt } from './attempt.ts';
import { holdsOfAbsent } from './condition-expression.ts';
import { conflict, throttled } from './errors.ts';
import { itemOf } from './item-mapping.ts';
import { refuseMistakes, refuseTooLarge } from './limits.ts';
import { createPause } from './pause.ts';
import { sendOnce } from './send-once.ts';
import { type Refused, type Sent, sendTogether } from './send-together.ts';
import { type Draft, draftOf, requestOf } from './write-request.ts';

const tries = 5;

const mayStartAfresh = ({ step: { op, when } }: Draft): boolean =>
  op === 'update' && (when === undefined || holdsOfAbsent(when.test));

/** The steps that are updates of an expired item, which start afresh, after what the table showed of them. */
const startingAfresh = (
  drafts: readonly Draft[],
  refused: readonly Refused[],
  before: ReadonlySet<number>,
  now: number,
): ReadonlySet<number> => {
  const after = new Set(before);
  for (const { step, stored } of refused) {
    const draft = drafts[step];
    if (itemOf(stored, now)) after.delete(step);
    else if (draft && stored && mayStartAfresh(draft)) after.add(step);
  }
  return after;
};

const isSame = (one: ReadonlySet<number>, other: ReadonlySet<number>): boolean =>
  one.size === other.size && [...one].every((step) => other.has(step));

const refusalsOf = (steps: readonly Step[], refused: readonly Refused[], now: number): Refusal[] =>
  refused.map(({ step, stored }) => ({
    step,
    condition: steps[step]?.when?.name ?? '',
    current: itemOf(stored, now),
  }));

export const createTransact = ({
  client,
  table,
  clock,
  ids,
  attempt,
}: {
  client: DynamoDBClient;
  table: string;
  clock: Clock;
  ids: Pick<Ids, 'next' | 'random'>;
  attempt: Attempt;
}): Store['transact'] => {
  const pause = createPause({ clock, ids });

  const send = (requests: TransactWriteItem[]): Promise<Sent> => {
    const [only] = requests;
    return requests.length === 1 && only && !only.ConditionCheck
      ? attempt('write', () => sendOnce(client, only))
      : attempt('transact', () => sendTogether(client, requests, ids.next()));
  };

  const sendUntilTaken = async (requests: TransactWriteItem[]) => {
    for (let attempted = 1; ; attempted++) {
      const sent = await send(requests);
      if (sent.outcome !== 'throttled') return sent;
      if (attempted === tries) throw throttled(sent.cause);
      await pause(attempted);
    }
  };

  /** An update does not know whether the item has expired: refused for that, it is sent in its other form. */
  const run = async (steps: readonly Step[], drafts: readonly Draft[]): Promise<Transacted> => {
    let afresh: ReadonlySet<number> = new Set();
    for (let attempted = 1; attempted <= tries; attempted++) {
      const now = clock.now();
      const sent = await sendUntilTaken(
        drafts.map((draft, i) => requestOf(table, draft, now, afresh.has(i))),
      );
      if (sent.outcome === 'committed') return { committed: true };
      const next = startingAfresh(drafts, sent.refused, afresh, now);
      if (isSame(next, afresh))
        return { committed: false, refusals: refusalsOf(steps, sent.refused, now) };
      afresh = next;
    }
    throw conflict();
  };

  return async (steps) => {
    refuseMistakes(steps);
    const drafts = steps.map(draftOf);
    refuseTooLarge(drafts);
    return steps.length === 0 ? { committed: true } : await run(steps, drafts);
  };
};
