import { parseMessageId } from '../../../shared/domain/memory/derived-ids.ts';
import type { Turn } from '../../../shared/domain/memory/turn.ts';
import type { Client } from '../../../shared/simulation/client-run.ts';
import type { History, TurnFacts } from '../../../shared/simulation/history.ts';
import type { ReadRecord } from '../../../shared/simulation/read-checks.ts';
import type { AcknowledgedAdd } from '../app/simulation.ts';

type Views = ReadRecord['views'];

type Outcome = Pick<AcknowledgedAdd, 'state' | 'found'>;

/** End of the memories that a turn led to, once no search finds any of them. */
const endOf = (history: History, ids: readonly string[]): Outcome => {
  const ends = ids.map((id) => history.memories.get(id)?.deletedBy);
  if (ids.length === 0 || ends.includes(undefined)) return { state: 'lost', found: [] };
  return { state: ends.includes('request') ? 'deleted' : 'replaced', found: [] };
};

/** Memories that a turn made, changed or stated once more. */
const memoriesOf = ({ memoryIds = [], closedIds = [], drawn = {} }: Turn): string[] => [
  ...memoryIds,
  ...closedIds,
  ...Object.values(drawn).flatMap((stated) => Object.keys(stated)),
];

/** Text of an add as it was sent, also after the erasure of its messages. */
export const textOfAdd = ({ originalText }: TurnFacts): string => {
  const [messages]: [{ content: string }[]] = JSON.parse(originalText);
  return messages.map(({ content }) => content).join(' ');
};

const outcomeOf = (history: History, facts: TurnFacts, shown: Views): Outcome => {
  const { turn } = facts;
  const texts = (views: Views) => views.map(({ text }) => text);
  const rough = shown.filter(({ id, rough }) => rough && id === turn.id);
  if (rough.length > 0) return { state: 'rough', found: texts(rough) };
  const led = memoriesOf(turn);
  const refined = texts(shown.filter(({ id, message }) => !message && led.includes(id)));
  if (refined.length > 0) {
    const isAsSaid = refined.some((text) => textOfAdd(facts).includes(text));
    return { state: isAsSaid ? 'refined' : 'replaced', found: refined };
  }
  // Of messages that say the same, a search shows one.
  const said = shown.filter(
    ({ id, message, duplicates = [] }) =>
      message && [id, ...duplicates].some((one) => parseMessageId(one)?.turn === turn.id),
  );
  if (said.length > 0) return { state: 'known', found: texts(said) };
  return endOf(history, led);
};

/** Lists each acknowledged add of the clients with what a search finds of it now, the newest first. */
export const acknowledgedAddsOf = (
  history: History,
  clients: readonly Client[],
  shown: Views,
): AcknowledgedAdd[] => {
  const clientOf = new Map(
    clients.flatMap(({ name, turns }) => turns.map((turn): [string, string] => [turn, name])),
  );
  return [...history.turns.values()]
    .flatMap((facts) => (facts.ackedAt === undefined ? [] : [{ facts, step: facts.ackedAt }]))
    .map(({ facts, step }) => ({
      id: facts.turn.id,
      client: clientOf.get(facts.turn.id) ?? '',
      text: textOfAdd(facts),
      step,
      ...outcomeOf(history, facts, shown),
    }))
    .reverse();
};
