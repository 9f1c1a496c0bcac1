import type { Memory } from '../../domain/memory/memory.ts';
import type { Turn } from '../../domain/memory/turn.ts';

/** A memory as it will be once all changes planned so far are applied. */
export interface MemoryState {
  /** Order in which memories became known; the first of two duplicates wins. */
  position: number;
  id: string;
  text: string;
  version: number;
  lastWrite: string;
  immutable: boolean;
  isDeleted: boolean;
  named: Pick<Memory, 'entities' | 'extraEntities'>;
}

/** Memories that a batch may change: the ones shown to the model, and the ones that the batch adds. */
export interface KnownMemories {
  /** The memories shown to the model, by their position in the request. */
  shown: readonly MemoryState[];
  add(memory: { id: string; text: string; turn: Turn }): MemoryState;
  setText(memory: MemoryState, text: string): void;
  /** The first memory with the same words: case, punctuation and spaces do not count. */
  findDuplicate(text: string): MemoryState | undefined;
}

const normalize = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

const toMemoryState = (memory: Memory, position: number): MemoryState => ({
  position,
  id: memory.id,
  text: memory.text,
  version: memory.version,
  lastWrite: memory.lastWrite,
  immutable: memory.immutable ?? false,
  isDeleted: false,
  named: {
    entities: memory.entities,
    ...(memory.extraEntities ? { extraEntities: memory.extraEntities } : {}),
  },
});

export const createKnownMemories = (memories: readonly Memory[]): KnownMemories => {
  const shown = memories.map(toMemoryState);
  let count = shown.length;
  /** Memories by every normalized text that they have or had in this batch. */
  const byText = new Map<string, Set<MemoryState>>();
  const normalized = new Map<string, string>();
  const normalizeOnce = (text: string): string => {
    const form = normalized.get(text) ?? normalize(text);
    normalized.set(text, form);
    return form;
  };
  const indexText = (memory: MemoryState): void => {
    const form = normalizeOnce(memory.text);
    const same = byText.get(form);
    if (same) same.add(memory);
    else byText.set(form, new Set([memory]));
  };
  for (const memory of shown) indexText(memory);

  return {
    shown,
    add({ id, text, turn }) {
      const memory: MemoryState = {
        position: count,
        id,
        text,
        version: 1,
        lastWrite: turn.id,
        immutable: false,
        isDeleted: false,
        named: turn,
      };
      count += 1;
      indexText(memory);
      return memory;
    },
    setText(memory, text) {
      memory.text = text;
      indexText(memory);
    },
    findDuplicate(text) {
      const form = normalizeOnce(text);
      const same = [...(byText.get(form) ?? [])].filter(
        (memory) => !memory.isDeleted && normalizeOnce(memory.text) === form,
      );
      return same.toSorted((a, b) => a.position - b.position)[0];
    },
  };
};
