import type { PlannedChange, PlannedText } from '../../domain/change.ts';
import { allNamed, names } from '../../domain/entities.ts';
import type { Memory } from '../../domain/memory.ts';
import { maxPiece } from '../../domain/pieces.ts';
import type { Turn } from '../../domain/turn.ts';
import type { ProposedChange } from '../../ports/language-model.ts';
import { borrowed, sourcesOf } from './index-text.ts';
import { laterOf } from './memory-of-change.ts';

/** A memory as it will stand when the changes planned so far are applied. */
interface Known {
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
  named: Pick<Memory, 'entities' | 'also'>;
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

const known = (memory: Memory, at: number): Known => ({
  at,
  id: memory.id,
  text: memory.text,
  version: memory.version,
  lastTurn: memory.lastTurn,
  immutable: memory.immutable ?? false,
  gone: false,
  sources: memory.lineage.length,
  named: { entities: memory.entities, ...(memory.also ? { also: memory.also } : {}) },
});

/** The last message of a turn, as what the next one answers to. */
export interface LastSaid {
  turn: string;
  text: string;
}

export const lastSaidIn = (turn: Turn | undefined): LastSaid | undefined => {
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
  world: { newId: () => string; previous?: LastSaid },
): PlannedChange[][] => {
  const shown = memories.map(known);
  let count = shown.length;
  const resultOf = new Map<number, Known>();
  let overruled = false;
  const proposalsOf = Map.groupBy(proposals.entries(), ([, { turn }]) => turn);
  /** What has, or had, a text, by the text's normal form. */
  const byText = new Map<string, Set<Known>>();
  const normals = new Map<string, string>();
  const normalOnce = (text: string): string => {
    const made = normals.get(text) ?? normal(text);
    normals.set(text, made);
    return made;
  };
  const file = (memory: Known): void => {
    const form = normalOnce(memory.text);
    const filed = byText.get(form);
    if (filed) filed.add(memory);
    else byText.set(form, new Set([memory]));
  };
  for (const memory of shown) file(memory);

  const planTurn = (turn: Turn, index: number): PlannedChange[] => {
    const changes = new Map<string, PlannedChange>();
    const notes: PlannedChange[] = [];
    /** Memories that were there before, and are changed or confirmed. */
    let touched = 0;
    const sourceOf = sourcesOf(turn);
    const former = index === 0 ? world.previous : lastSaidIn(turns[index - 1]);

    const textOf = (proposal: ProposedChange, text: string): PlannedText => {
      const source = sourceOf(proposal.message, text);
      return {
        text,
        source,
        ...(source === 0 && former ? { context: former.turn, before: borrowed(former.text) } : {}),
        attributedTo: turn.messages[source]?.role ?? 'user',
        ...(proposal.categories?.length ? { categories: proposal.categories } : {}),
      };
    };

    const put = (id: string, change: PlannedChange): void => {
      if (change.type !== 'ADD' && !changes.has(id)) touched += 1;
      changes.set(id, change);
    };

    const isFull = (target: Known): boolean => !changes.has(target.id) && touched >= maxTouched;

    const isTold = (target: Known): boolean =>
      target.sources >= maxSources || allNamed(turn).every((entity) => names(target.named, entity));

    const note = (reason: string, target?: Known) => {
      if (!target) {
        notes.push({ type: 'NONE', reason });
        return;
      }
      if (isFull(target)) {
        touched += 1;
        notes.push({ type: 'NONE', reason, memory: target.id });
        return;
      }
      if (changes.has(target.id) || isTold(target)) {
        touched += 1;
        notes.push({ type: 'NONE', reason, memory: target.id, version: target.version });
        return;
      }
      const { id, text, version } = target;
      put(id, { type: 'NONE', reason, memory: id, text, refileVersion: version });
      target.version += 1;
      target.lastTurn = laterOf(target.lastTurn, turn.id);
    };

    const add = (proposal: ProposedChange, text: string): Known => {
      const id = world.newId();
      const added = { id, text, version: 1, lastTurn: turn.id, immutable: false };
      const memory: Known = { ...added, at: count, gone: false, sources: 1, named: turn };
      count += 1;
      put(id, { type: 'ADD', memory: id, ...textOf(proposal, text) });
      file(memory);
      return memory;
    };

    const rewrite = (proposal: ProposedChange, target: Known, text: string): void => {
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

    const remove = (proposal: ProposedChange, target: Known): void => {
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

    const keptBecause = (target: Known): string | undefined => {
      if (target.immutable) return 'The memory is immutable.';
      if (target.lastTurn > turn.id) return tooOld;
      return isFull(target) ? tooMany : undefined;
    };

    const twinOf = (text: string): Known | undefined => {
      const wanted = normalOnce(text);
      const same = [...(byText.get(wanted) ?? [])].filter(
        (memory) => !memory.gone && normalOnce(memory.text) === wanted,
      );
      return same.toSorted((a, b) => a.at - b.at)[0];
    };

    const change = (proposal: ProposedChange, text: string, target: Known): Known => {
      const reason = keptBecause(target);
      if (reason === undefined) {
        rewrite(proposal, target, text);
        return target;
      }
      overruled = true;
      if (reason !== tooOld) return add(proposal, text);
      note(tooOld, target);
      return target;
    };

    const learn = (proposal: ProposedChange, text: string, target: Known | undefined) => {
      const twin = twinOf(text);
      if (twin) {
        note(alreadyKnown, twin);
        return twin;
      }
      return !target || target.gone ? add(proposal, text) : change(proposal, text, target);
    };

    const unlearn = (proposal: ProposedChange, target: Known | undefined) => {
      if (!target || target.gone) {
        note('There was nothing to delete.');
        return target;
      }
      const reason = keptBecause(target);
      overruled ||= reason !== undefined;
      if (reason === undefined) remove(proposal, target);
      else note(reason, target);
      return target;
    };

    const take = (proposal: ProposedChange): Known | undefined => {
      const target = targetOf(proposal);
      const text = proposal.text?.trim().slice(0, maxPiece).toWellFormed();
      if (proposal.type === 'DELETE') return unlearn(proposal, target);
      if (proposal.type !== 'NONE' && text) return learn(proposal, text, target);
      note(proposal.reason ?? nothingFound, target?.gone ? undefined : target);
      return target;
    };

    for (const [position, proposal] of proposalsOf.get(index) ?? []) {
      const result = take(proposal);
      if (result) resultOf.set(position, result);
    }
    const planned = [...changes.values(), ...notes];
    return planned.length > 0 ? planned : [{ type: 'NONE', reason: nothingFound }];
  };

  const targetOf = ({ target }: ProposedChange): Known | undefined => {
    if (!target) return undefined;
    return 'memory' in target ? shown[target.memory] : resultOf.get(target.change);
  };

  const plans: PlannedChange[][] = [];
  for (const [index, turn] of turns.entries()) {
    plans.push(planTurn(turn, index));
    if (overruled) break;
  }
  return plans;
};
