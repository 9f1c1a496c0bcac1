import type { Memory, Message, Revision } from './answers.ts';

/** Node of the graph of a memory: from the words of a turn to what is true now. */
export interface LineageNode {
  kind:
    | 'turn'
    | 'rough'
    | 'refined'
    | 'changed'
    | 'superseded'
    | 'retracted'
    | 'deleted'
    | 'current';
  text: string;
  at?: string;
  /** Memory that the node links to. */
  memory?: string;
  /** Nodes that came of it. */
  next: LineageNode[];
}

const saidIn = (input: readonly Message[]): string =>
  input.map(({ role, content }) => `${role}: ${content}`).join('\n');

/** Version of a revision; 0 is the turn before refinement. */
const versionOf = ({ id }: Revision): number => Number(id.slice(id.lastIndexOf(':') + 1));

const kindOf = (revision: Revision, isFirst: boolean): LineageNode['kind'] => {
  if (revision.event === 'DELETE') return 'deleted';
  if (versionOf(revision) === 0) return 'rough';
  return isFirst ? 'refined' : 'changed';
};

/** What a memory that is closed leads to. */
const endOf = ({ lifecycle_state: state, replaced_by: newer, valid_until: at }: Memory) => {
  if (state === 'superseded' && newer)
    return [{ kind: 'current', text: newer, memory: newer, next: [] } satisfies LineageNode];
  if (state === 'retracted')
    return [
      {
        kind: 'retracted',
        text: 'No longer true',
        ...(at && { at }),
        next: [],
      } satisfies LineageNode,
    ];
  return [];
};

/** Revisions up to the version that a closed memory is, `<id>.v<version>`; of any other memory all. */
const untilClosed = ({ id }: Memory, history: readonly Revision[]): readonly Revision[] => {
  const version = /\.v(\d+)$/.exec(id)?.[1];
  return version === undefined
    ? history
    : history.filter((revision) => versionOf(revision) <= Number(version));
};

/**
 * Builds the graph of a memory from its history: turn, rough memory, refined memory, its changes, each with the turn that caused
 * it, and the memory that replaced it.
 */
export const lineageOf = (memory: Memory, history: readonly Revision[]): LineageNode[] => {
  const shown = untilClosed(memory, history);
  const firstRefined = shown.find((revision) => versionOf(revision) > 0);
  let following: LineageNode[] = [
    ...endOf(memory),
    ...(memory.also_became ?? []).map(
      (id): LineageNode => ({ kind: 'refined', text: id, memory: id, next: [] }),
    ),
  ];
  for (const [at, revision] of [...shown.entries()].reverse()) {
    const kind = kindOf(revision, revision === firstRefined);
    const node: LineageNode = {
      kind,
      text:
        revision.new_memory ?? (kind === 'deleted' ? 'Deleted' : 'The words are no longer kept'),
      at: revision.created_at,
      next: following,
    };
    const said = saidIn(revision.input);
    const isRepeated = at > 0 && said === saidIn(shown[at - 1]?.input ?? []);
    following =
      said === '' || isRepeated
        ? [node]
        : [{ kind: 'turn', text: said, at: revision.created_at, next: [node] }];
  }
  return following;
};
