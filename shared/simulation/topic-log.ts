import { type Fact, retracted, textOf } from './fact-language.ts';
import {
  type History,
  isMemoryCovered,
  isTurnCovered,
  latestOf,
  racesWithCutoff,
} from './history.ts';

type Entry =
  | { kind: 'added'; turn: string; text: string | undefined }
  | { kind: 'edited'; memory: string; text: string }
  | { kind: 'deleted'; memory: string }
  | { kind: 'uncertain' };

/** Sequence of one client's writes to each of its topics. */
export interface TopicLog {
  added(fact: Fact, turn: string): void;
  edited(topic: string, memory: string, text: string): void;
  deleted(topic: string, memory: string): void;
  /** Records a write without a response. */
  uncertain(topic: string): void;
  topics(): string[];
  /** Text that a reader must see at the end; `undefined` if the writes do not determine it. */
  expected(topic: string, history: History): { text: string | undefined } | undefined;
}

const never = Number.POSITIVE_INFINITY;

/** Whether a turn was applied after the step. */
const isLater = (history: History, turn: string, at: number): boolean =>
  (history.turns.get(turn)?.appliedAt ?? never) > at;

interface ExpectedState {
  text: string | undefined;
  isUncertain: boolean;
}

export const createTopicLog = (): TopicLog => {
  const entries = new Map<string, Entry[]>();
  const add = (topic: string, entry: Entry): void => {
    entries.set(topic, [...(entries.get(topic) ?? []), entry]);
  };

  const afterTurn = (
    state: ExpectedState,
    entry: Extract<Entry, { kind: 'added' }>,
    history: History,
  ): ExpectedState => {
    const facts = history.turns.get(entry.turn);
    if (!facts || facts.everFailed) return { ...state, isUncertain: true };
    if (isTurnCovered(history.cutoffs, facts.turn, never)) return { ...state, text: undefined };
    if (racesWithCutoff(history.cutoffs, facts)) return { ...state, isUncertain: true };
    if (facts.turn.state !== 'applied') return state;
    return { ...state, text: entry.text };
  };

  const afterEdit = (
    state: ExpectedState,
    entry: Extract<Entry, { kind: 'edited' }>,
    history: History,
  ): ExpectedState => {
    const memory = history.memories.get(entry.memory);
    const isDeleted = memory && isMemoryCovered(history.cutoffs, latestOf(memory).memory, never);
    return { ...state, text: isDeleted ? undefined : entry.text };
  };

  /** A turn that was pending when the memory of its topic was deleted may create the memory again. */
  const afterDelete = (
    state: ExpectedState,
    memory: string,
    before: readonly Entry[],
    history: History,
  ): ExpectedState => {
    const at = history.memories.get(memory)?.deletedAt ?? never;
    const isRecreated = before.some(
      (entry) => entry.kind === 'added' && isLater(history, entry.turn, at),
    );
    return { text: undefined, isUncertain: state.isUncertain || isRecreated };
  };

  const after = (
    state: ExpectedState,
    entry: Entry,
    before: readonly Entry[],
    history: History,
  ): ExpectedState => {
    switch (entry.kind) {
      case 'added':
        return afterTurn(state, entry, history);
      case 'edited':
        return afterEdit(state, entry, history);
      case 'deleted':
        return afterDelete(state, entry.memory, before, history);
      case 'uncertain':
        return { ...state, isUncertain: true };
    }
  };

  return {
    added: (fact, turn) =>
      add(fact.topic, {
        kind: 'added',
        turn,
        text: fact.value === retracted ? undefined : textOf(fact),
      }),
    edited: (topic, memory, text) => add(topic, { kind: 'edited', memory, text }),
    deleted: (topic, memory) => add(topic, { kind: 'deleted', memory }),
    uncertain: (topic) => add(topic, { kind: 'uncertain' }),
    topics: () => [...entries.keys()],
    expected(topic, history) {
      const topicEntries = entries.get(topic) ?? [];
      let state: ExpectedState = { text: undefined, isUncertain: false };
      for (const [index, entry] of topicEntries.entries())
        state = after(state, entry, topicEntries.slice(0, index), history);
      return state.isUncertain ? undefined : { text: state.text };
    },
  };
};
