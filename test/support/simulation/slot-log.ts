import { type Fact, takenBack, textOf } from './fact-language.ts';
import { type History, isCovered, isForgottenBy, latestOf, meetsCutoff } from './history.ts';

type Entry =
  | { kind: 'said'; turn: string; text: string | undefined }
  | { kind: 'edited'; memory: string; text: string }
  | { kind: 'deleted'; memory: string }
  | { kind: 'doubt' };

/** What a client did to each slot that is its own, one thing after the other. */
export interface SlotLog {
  said(fact: Fact, turn: string): void;
  edited(slot: string, memory: string, text: string): void;
  deleted(slot: string, memory: string): void;
  /** An answer never came. */
  doubt(slot: string): void;
  slots(): string[];
  /** What a reader must see of a slot once all is settled; `undefined`: what happened leaves it open. */
  expected(slot: string, history: History): { text: string | undefined } | undefined;
}

const never = Number.POSITIVE_INFINITY;

/** Whether a turn was applied after this step. */
const isLater = (history: History, turn: string, at: number): boolean =>
  (history.turns.get(turn)?.appliedAt ?? never) > at;

interface State {
  text: string | undefined;
  open: boolean;
}

export const createSlotLog = (): SlotLog => {
  const entries = new Map<string, Entry[]>();
  const add = (slot: string, entry: Entry): void => {
    entries.set(slot, [...(entries.get(slot) ?? []), entry]);
  };

  const afterTurn = (
    state: State,
    entry: Extract<Entry, { kind: 'said' }>,
    history: History,
  ): State => {
    const facts = history.turns.get(entry.turn);
    if (!facts || facts.everFailed) return { ...state, open: true };
    if (isCovered(history.cutoffs, facts.turn, never)) return { ...state, text: undefined };
    if (meetsCutoff(history.cutoffs, facts)) return { ...state, open: true };
    if (facts.turn.state !== 'applied') return state;
    return { ...state, text: entry.text };
  };

  const afterEdit = (
    state: State,
    entry: Extract<Entry, { kind: 'edited' }>,
    history: History,
  ): State => {
    const memory = history.memories.get(entry.memory);
    const covered = memory && isForgottenBy(history.cutoffs, latestOf(memory).memory, never);
    return { ...state, text: covered ? undefined : entry.text };
  };

  /** A turn that was still to be refined when its slot's memory was deleted teaches it anew. */
  const afterDelete = (
    state: State,
    memory: string,
    before: readonly Entry[],
    history: History,
  ): State => {
    const at = history.memories.get(memory)?.deletedAt ?? never;
    const late = before.some((entry) => entry.kind === 'said' && isLater(history, entry.turn, at));
    return { text: undefined, open: state.open || late };
  };

  const after = (state: State, entry: Entry, before: readonly Entry[], history: History): State => {
    switch (entry.kind) {
      case 'said':
        return afterTurn(state, entry, history);
      case 'edited':
        return afterEdit(state, entry, history);
      case 'deleted':
        return afterDelete(state, entry.memory, before, history);
      case 'doubt':
        return { ...state, open: true };
    }
  };

  return {
    said: (fact, turn) =>
      add(fact.slot, {
        kind: 'said',
        turn,
        text: fact.value === takenBack ? undefined : textOf(fact),
      }),
    edited: (slot, memory, text) => add(slot, { kind: 'edited', memory, text }),
    deleted: (slot, memory) => add(slot, { kind: 'deleted', memory }),
    doubt: (slot) => add(slot, { kind: 'doubt' }),
    slots: () => [...entries.keys()],
    expected(slot, history) {
      const list = entries.get(slot) ?? [];
      let state: State = { text: undefined, open: false };
      for (const [index, entry] of list.entries())
        state = after(state, entry, list.slice(0, index), history);
      return state.open ? undefined : { text: state.text };
    },
  };
};
