import type { PlannedChange, PlannedText } from '../../domain/change.ts';
import { allNamed, names } from '../../domain/entities.ts';
import type { Memory } from '../../domain/memory.ts';
import type { Turn } from '../../domain/turn.ts';
import type { ProposedChange } from '../../ports/language-model.ts';
import { indexTextOf, sourceOf } from './index-text.ts';

/** A memory as it will stand when the changes planned so far are applied. */
interface Known {
  id: string;
  text: string;
  version: number;
  lastTurn: string;
  immutable: boolean;
  gone: boolean;
  named: Pick<Memory, 'entities' | 'also'>;
}

const tooOld = 'A newer turn or an edit already shaped this memory.';
const alreadyKnown = 'Already known.';
const nothingFound = 'Nothing lasting was found.';

const normal = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

const known = (memory: Memory): Known => ({
  id: memory.id,
  text: memory.text,
  version: memory.version,
  lastTurn: memory.lastTurn,
  immutable: memory.immutable ?? false,
  gone: false,
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
 */
export const planChanges = (
  turns: readonly Turn[],
  memories: readonly Memory[],
  proposals: readonly ProposedChange[],
  world: { newId: () => string; previous?: LastSaid },
): PlannedChange[][] => {
  const shown = memories.map(known);
  const all = new Map(shown.map((memory) => [memory.id, memory]));
  const resultOf = new Map<number, Known>();

  const planTurn = (turn: Turn, index: number): PlannedChange[] => {
    const changes = new Map<string, PlannedChange>();
    const notes: PlannedChange[] = [];
    const former = index === 0 ? world.previous : lastSaidIn(turns[index - 1]);

    const textOf = (proposal: ProposedChange, text: string): PlannedText => {
      const source = sourceOf(turn, proposal.message, text);
      return {
        text,
        indexText: indexTextOf(turn, text, source, former?.text),
        ...(source === 0 && former ? { context: former.turn } : {}),
        attributedTo: turn.messages[source]?.role ?? 'user',
        ...(proposal.categories?.length ? { categories: proposal.categories } : {}),
      };
    };

    const note = (reason: string, target?: Known) => {
      const refile =
        target && !changes.has(target.id) && allNamed(turn).some((e) => !names(target.named, e));
      if (!refile) {
        notes.push({ type: 'NONE', reason, ...(target ? { memory: target.id } : {}) });
        return;
      }
      const { id, text, version } = target;
      changes.set(id, { type: 'NONE', reason, memory: id, text, refileVersion: version });
      target.version += 1;
      target.lastTurn = turn.id;
    };

    const add = (proposal: ProposedChange, text: string): Known => {
      const id = world.newId();
      const added = { id, text, version: 1, lastTurn: turn.id, immutable: false, gone: false };
      const memory: Known = { ...added, named: turn };
      changes.set(id, { type: 'ADD', memory: id, ...textOf(proposal, text) });
      all.set(id, memory);
      return memory;
    };

    const rewrite = (proposal: ProposedChange, target: Known, text: string): void => {
      const earlier = changes.get(target.id);
      if (earlier?.type === 'ADD' || earlier?.type === 'UPDATE')
        changes.set(target.id, { ...earlier, ...textOf(proposal, text) });
      else {
        const version = earlier ? target.version - 1 : target.version;
        const previousText = target.text;
        changes.set(target.id, {
          type: 'UPDATE',
          memory: target.id,
          version,
          previousText,
          ...textOf(proposal, text),
        });
        target.version = version + 1;
      }
      target.text = text;
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
      changes.set(target.id, {
        type: 'DELETE',
        memory: target.id,
        version,
        previousText,
        ...(proposal.reason === undefined ? {} : { reason: proposal.reason }),
      });
      target.version = version + 1;
    };

    const learn = (proposal: ProposedChange, text: string, target: Known | undefined) => {
      const twin = [...all.values()].find(
        (memory) => !memory.gone && normal(memory.text) === normal(text),
      );
      if (twin) {
        note(alreadyKnown, twin);
        return twin;
      }
      if (!target || target.gone || target.immutable) return add(proposal, text);
      if (target.lastTurn > turn.id) note(tooOld, target);
      else rewrite(proposal, target, text);
      return target;
    };

    const unlearn = (proposal: ProposedChange, target: Known | undefined) => {
      if (!target || target.gone) note('There was nothing to delete.');
      else if (target.immutable) note('The memory is immutable.', target);
      else if (target.lastTurn > turn.id) note(tooOld, target);
      else remove(proposal, target);
      return target;
    };

    const take = (proposal: ProposedChange): Known | undefined => {
      const target = targetOf(proposal);
      const text = proposal.text?.trim();
      if (proposal.type === 'DELETE') return unlearn(proposal, target);
      if (proposal.type !== 'NONE' && text) return learn(proposal, text, target);
      note(proposal.reason ?? nothingFound, target?.gone ? undefined : target);
      return target;
    };

    for (const [position, proposal] of proposals.entries()) {
      if (proposal.turn !== index) continue;
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

  return turns.map(planTurn);
};
