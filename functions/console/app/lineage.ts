import type { Memory, Message, Revision } from './answers.ts';

/** State of a memory in its lineage. */
export interface LineageNode {
  kind: 'rough' | 'refined' | 'changed' | 'retracted' | 'deleted' | 'replaced' | 'also';
  text: string;
  at?: string;
  /** Memory that the node links to. */
  memory?: string;
}

/** Turn with the states that it led to; without words where an edit led to them, or the words are no longer kept. */
export interface LineageStep {
  said: string;
  at: string;
  led: LineageNode[];
}

const saidIn = (input: readonly Message[]): string =>
  input.map(({ role, content }) => `${role}: ${content}`).join('\n');

/** Version of a revision; 0 is the turn before refinement. */
const versionOf = ({ id }: Revision): number => Number(id.slice(id.lastIndexOf(':') + 1));

const nodeOf = (revision: Revision, isFirst: boolean): LineageNode => {
  const { event, new_memory: text, created_at: at } = revision;
  if (event === 'DELETE') return { kind: 'deleted', text: 'Deleted', at };
  const kind = versionOf(revision) === 0 ? 'rough' : isFirst ? 'refined' : 'changed';
  return { kind, text: text ?? 'The words are no longer kept.', at };
};

/** Nodes after the last change: the end of a memory that is closed, and the other memories of its turn. */
const endOf = (memory: Memory): LineageNode[] => {
  const { lifecycle_state: state, replaced_by: newer, valid_until: at } = memory;
  const also = (memory.also_became ?? []).map(
    (id): LineageNode => ({ kind: 'also', text: id, memory: id }),
  );
  if (state === 'superseded' && newer)
    return [{ kind: 'replaced', text: newer, memory: newer, ...(at && { at }) }, ...also];
  if (state !== 'retracted') return also;
  return [{ kind: 'retracted', text: 'No longer true', ...(at && { at }) }, ...also];
};

/** Revisions up to the version that a closed memory is, `<id>.v<version>`; of any other memory all. */
const untilClosed = ({ id }: Memory, history: readonly Revision[]): readonly Revision[] => {
  const version = /\.v(\d+)$/.exec(id)?.[1];
  return version === undefined
    ? history
    : history.filter((revision) => versionOf(revision) <= Number(version));
};

/**
 * Builds the graph of a memory from its history: each turn with what it led to (rough memory, refined memory, changes), and at the
 * end the memory that replaced it.
 */
export const lineageOf = (memory: Memory, history: readonly Revision[]): LineageStep[] => {
  const shown = untilClosed(memory, history);
  const first = shown.find((revision) => versionOf(revision) > 0);
  const steps: LineageStep[] = [];
  for (const revision of shown) {
    const said = saidIn(revision.input);
    const node = nodeOf(revision, revision === first);
    const last = steps.at(-1);
    if (last && last.said === said) last.led.push(node);
    else steps.push({ said, at: revision.created_at, led: [node] });
  }
  const end = endOf(memory);
  const last = steps.at(-1);
  if (last) last.led.push(...end);
  else if (end.length > 0) steps.push({ said: '', at: memory.created_at, led: end });
  return steps;
};
