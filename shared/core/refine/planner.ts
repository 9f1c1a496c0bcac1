import type { PlannedChange, PlannedText } from '../../domain/memory/change.ts';
import { allNamed, hasEntity } from '../../domain/memory/entities.ts';
import type { Memory } from '../../domain/memory/memory.ts';
import { maxPiece } from '../../domain/memory/text-pieces.ts';
import type { Turn } from '../../domain/memory/turn.ts';
import type { ProposedChange } from '../../ports/language-model.ts';
import { contextSnippet, sourcesOf } from './index-text.ts';
import { maxId } from './memory-versions.ts';

/** A memory as it will stand when the changes planned so far are applied. */
interface MemoryState {
  /** Its place among all that is known. */
  at: number;
  id: string;
  text: string;
  version: number;
  lastTurn: string;
  immutable: boolean;
  gone: boolean;
  /** Turns it rests on. */
  sources: number;
  named: Pick<Memory, 'entities' | 'extraEntities'>;
}

/** Turns that may file a memory under what they name: what a memory keeps of them is bounded. */
const maxSources = 500;

/** Memories one turn may change: what it takes to write them fits one transaction. */
const maxTouched = 25;

const tooMany = 'The turn already changed as many memories as one turn may.';
const tooOld = 'A newer turn or an edit already shaped this memory.';
const alreadyKnown = 'Already known.';
const nothingFound = 'Nothing lasting was found.';

const normal = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

const toMemoryState = (memory: Memory, at: number): MemoryState => ({
  at,
  id: memory.id,
  text: memory.text,
  version: memory.version,
  lastTurn: memory.lastTurn,
  immutable: memory.immutable ?? false,
  gone: false,
  sources: memory.lineage.length,
  named: {
    entities: memory.entities,
    ...(memory.extraEntities ? { extraEntities: memory.extraEntities } : {}),
  },
});

/** The last message of a turn, as what the next one answers to. */
export interface LastMessage {
  turn: string;
  text: string;
}

export const lastMessageOf = (turn: Turn | undefined): LastMessage | undefined => {
  const text = turn?.messages.at(-1)?.content;
  return turn && text ? { turn: turn.id, text } : undefined;
};

/**
 * Turns proposals into changes that can be applied one turn after the other: versions chained through the batch, at most
 * one change a memory a turn, nothing a newer turn wrote undone, every turn left with at least one outcome. Pure but for ids.
 * Plans end with the first turn of which a proposal is overruled: what was proposed for later ones takes it for done.
 */
export const planChanges = (
  turns: readonly Turn[],
  memories: readonly Memory[],
  proposals: readonly ProposedChange[],
  deps: { newId: () => string; previous?: LastMessage },
): PlannedChange[][] => {
  const shown = memories.map(toMemoryState);
  let count = shown.length;
  const resultOf = new Map<number, MemoryState>();
  let hasRejection = false;
  const proposalsOf = Map.groupBy(proposals.entries(), ([, { turn }]) => turn);
  /** What has, or had, a text, by the text's normal form. */
  const byText = new Map<string, Set<MemoryState>>();
  const normals = new Map<string, string>();
  const normalOnce = (text: string): string => {
    const made = normals.get(text) ?? normal(text);
    normals.set(text, made);
    return made;
  };
  const file = (memory: MemoryState): void => {
    const form = normalOnce(memory.text);
    const listed = byText.get(form);
    if (listed) listed.add(memory);
    else byText.set(form, new Set([memory]));
  };
  for (const memory of shown) file(memory);

  const planTurn = (turn: Turn, index: number): PlannedChange[] => {
    const changes = new Map<string, PlannedChange>();
    const notes: PlannedChange[] = [];
    /** Memories that were there before, and are changed or confirmed. */
    let touched = 0;
    const sourceOf = sourcesOf(turn);
    const previousMessage = index === 0 ? deps.previous : lastMessageOf(turns[index - 1]);

    const textOf = (proposal: ProposedChange, text: string): PlannedText => {
      const source = sourceOf(proposal.message, text);
      return {
        text,
        source,
        ...(source === 0 && previousMessage
          ? { context: previousMessage.turn, contextText: contextSnippet(previousMessage.text) }
          : {}),
        attributedTo: turn.messages[source]?.role ?? 'user',
        ...(proposal.categories?.length ? { categories: proposal.categories } : {}),
      };
    };

    const put = (id: string, change: PlannedChange): void => {
      if (change.type !== 'ADD' && !changes.has(id)) touched += 1;
      changes.set(id, change);
    };

    const isFull = (target: MemoryState): boolean =>
      !changes.has(target.id) && touched >= maxTouched;

    const namesAllEntities = (target: MemoryState): boolean =>
      target.sources >= maxSources ||
      allNamed(turn).every((entity) => hasEntity(target.named, entity));

    const addNoop = (reason: string, target?: MemoryState) => {
      if (!target) {
        notes.push({ type: 'NONE', reason });
        return;
      }
      if (isFull(target)) {
        touched += 1;
        notes.push({ type: 'NONE', reason, memory: target.id });
        return;
      }
      if (changes.has(target.id) || namesAllEntities(target)) {
        touched += 1;
        notes.push({ type: 'NONE', reason, memory: target.id, version: target.version });
        return;
      }
      const { id, text, version } = target;
      put(id, { type: 'NONE', reason, memory: id, text, addEntitiesAtVersion: version });
      target.version += 1;
      target.lastTurn = maxId(target.lastTurn, turn.id);
    };

    const add = (proposal: ProposedChange, text: string): MemoryState => {
      const id = deps.newId();
      const added = { id, text, version: 1, lastTurn: turn.id, immutable: false };
      const memory: MemoryState = { ...added, at: count, gone: false, sources: 1, named: turn };
      count += 1;
      put(id, { type: 'ADD', memory: id, ...textOf(proposal, text) });
      file(memory);
      return memory;
    };

    const rewrite = (proposal: ProposedChange, target: MemoryState, text: string): void => {
      const earlier = changes.get(target.id);
      if (earlier?.type === 'ADD' || earlier?.type === 'UPDATE')
        put(target.id, { ...earlier, ...textOf(proposal, text) });
      else {
        const version = earlier ? target.version - 1 : target.version;
        const previousText = target.text;
        put(target.id, {
          type: 'UPDATE',
          memory: target.id,
          version,
          previousText,
          ...textOf(proposal, text),
        });
        target.version = version + 1;
      }
      target.text = text;
      file(target);
      target.lastTurn = turn.id;
    };

    const remove = (proposal: ProposedChange, target: MemoryState): void => {
      const earlier = changes.get(target.id);
      target.gone = true;
      if (earlier?.type === 'ADD') {
        changes.delete(target.id);
        notes.push({ type: 'NONE', reason: 'Said and taken back in one turn.' });
        return;
      }
      const version = earlier ? target.version - 1 : target.version;
      const previousText = earlier?.type === 'UPDATE' ? earlier.previousText : target.text;
      put(target.id, {
        type: 'DELETE',
        memory: target.id,
        version,
        previousText,
        ...(proposal.reason === undefined ? {} : { reason: proposal.reason }),
      });
      target.version = version + 1;
    };

    const rejectionReason = (target: MemoryState): string | undefined => {
      if (target.immutable) return 'The memory is immutable.';
      if (target.lastTurn > turn.id) return tooOld;
      return isFull(target) ? tooMany : undefined;
    };

    const findDuplicate = (text: string): MemoryState | undefined => {
      const wanted = normalOnce(text);
      const same = [...(byText.get(wanted) ?? [])].filter(
        (memory) => !memory.gone && normalOnce(memory.text) === wanted,
      );
      return same.toSorted((a, b) => a.at - b.at)[0];
    };

    const change = (proposal: ProposedChange, text: string, target: MemoryState): MemoryState => {
      const reason = rejectionReason(target);
      if (reason === undefined) {
        rewrite(proposal, target, text);
        return target;
      }
      hasRejection = true;
      if (reason !== tooOld) return add(proposal, text);
      addNoop(tooOld, target);
      return target;
    };

    const applyAdd = (proposal: ProposedChange, text: string, target: MemoryState | undefined) => {
      const duplicate = findDuplicate(text);
      if (duplicate) {
        addNoop(alreadyKnown, duplicate);
        return duplicate;
      }
      return !target || target.gone ? add(proposal, text) : change(proposal, text, target);
    };

    const applyDelete = (proposal: ProposedChange, target: MemoryState | undefined) => {
      if (!target || target.gone) {
        addNoop('There was nothing to delete.');
        return target;
      }
      const reason = rejectionReason(target);
      hasRejection ||= reason !== undefined;
      if (reason === undefined) remove(proposal, target);
      else addNoop(reason, target);
      return target;
    };

    const applyProposal = (proposal: ProposedChange): MemoryState | undefined => {
      const target = targetOf(proposal);
      const text = proposal.text?.trim().slice(0, maxPiece).toWellFormed();
      if (proposal.type === 'DELETE') return applyDelete(proposal, target);
      if (proposal.type !== 'NONE' && text) return applyAdd(proposal, text, target);
      addNoop(proposal.reason ?? nothingFound, target?.gone ? undefined : target);
      return target;
    };

    for (const [position, proposal] of proposalsOf.get(index) ?? []) {
      const result = applyProposal(proposal);
      if (result) resultOf.set(position, result);
    }
    const planned = [...changes.values(), ...notes];
    return planned.length > 0 ? planned : [{ type: 'NONE', reason: nothingFound }];
  };

  const targetOf = ({ target }: ProposedChange): MemoryState | undefined => {
    if (!target) return undefined;
    return 'memory' in target ? shown[target.memory] : resultOf.get(target.change);
  };

  const plans: PlannedChange[][] = [];
  for (const [index, turn] of turns.entries()) {
    plans.push(planTurn(turn, index));
    if (hasRejection) break;
  }
  return plans;
};
