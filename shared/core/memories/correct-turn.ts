import { type Message, spokenMessages, type Turn } from '../../domain/memory/turn.ts';
import type { RedactionCounts } from '../../domain/sensitive/sensitive.ts';
import { planKey, turnKey } from '../../domain/table/keys.ts';
import type { Platform } from '../../ports/platform.ts';
import type { Step } from '../../ports/store.ts';
import { changeEvent } from '../change-events.ts';
import { commit } from '../commit.ts';
import { turnIsRoughAt } from '../conditions.ts';
import { enqueueHints, hints } from '../hints.ts';
import { remove, update } from '../steps.ts';
import { dropPlan } from './drop-plan.ts';

/** Fields to change; absent ones keep their values. */
export interface MemoryEdit {
  text?: string;
  /** Title of a refined memory. A new text without one removes the former title. */
  title?: string;
  /** Reasoning of a refined memory. A new text without one removes the former reasoning. */
  reasoning?: string;
  /** Tags of a refined memory. A new text without them removes the former ones. */
  tags?: string[];
  /** Replaces the metadata as a whole. */
  metadata?: Turn['metadata'];
  /** null: the memory never expires. */
  expiresOn?: string | null;
  /** When it was said, ms since 1970. */
  observedAt?: number;
  /** Values that were masked or dropped in the texts of the edit. */
  redacted?: RedactionCounts;
}

/** Messages after a correction: a single one of the same speaker with the new text; attachments stay. */
const correctedMessages = (turn: Turn, text: string): Message[] => {
  const { role, name } = spokenMessages(turn)[0]?.message ?? { role: 'user' as const };
  const attachments = turn.messages.flatMap((message) => message.attachments ?? []);
  return [
    {
      role,
      ...(name === undefined ? {} : { name }),
      content: text,
      ...(attachments.length > 0 ? { attachments } : {}),
    },
  ];
};

/** The messages, where an edit changes their text or their time. */
const messagesAfter = (
  turn: Turn,
  { text, observedAt }: MemoryEdit,
): Partial<Pick<Turn, 'messages'>> => {
  if (text !== undefined) return { messages: correctedMessages(turn, text) };
  if (observedAt === undefined) return {};
  return { messages: turn.messages.map(({ saidAt: _, ...message }) => message) };
};

const correctedOptions = (turn: Turn, { text, expiresOn }: MemoryEdit): Turn['options'] => {
  const { verbatim, expiresOn: before, ...rest } = turn.options;
  const expiry = expiresOn === undefined ? before : (expiresOn ?? undefined);
  return {
    ...rest,
    ...(verbatim === undefined || text !== undefined ? {} : { verbatim }),
    ...(expiry === undefined ? {} : { expiresOn: expiry }),
  };
};

/**
 * Changes a turn that is not refined yet, in one transaction conditional on its revision, and drops its plan: a plan that was decided
 * on the former turn can no longer be applied. Undefined when the turn was refined, ended or changed meanwhile. A crash leaves the
 * turn due, as it was before.
 * @param extraWrites further writes of the same transaction
 */
export const reviseTurn = async (
  platform: Platform,
  turn: Turn,
  changes: Partial<Turn>,
  extraWrites: readonly Step[] = [],
): Promise<Turn | undefined> => {
  const { project, scope, id, revision = 0 } = turn;
  const revised = {
    ...changes,
    revision: revision + 1,
    // The index may hold the messages of the former revision.
    ...(turn.index ? { dueAt: platform.clock.now() } : {}),
  };
  const { committed } = await commit(platform, [
    update(turnKey(project, id), revised, turnIsRoughAt(revision)),
    remove(planKey(project, scope, id)),
    ...extraWrites,
  ]);
  if (!committed) return undefined;
  await dropPlan(platform, turn);
  if (turn.index) await enqueueHints(platform, [hints.finish(project, id)]);
  return { ...turn, ...revised };
};

/** Corrects a turn that is not refined yet, with the guarantees of `reviseTurn`. */
export const correctTurn = async (
  platform: Platform,
  turn: Turn,
  edit: MemoryEdit,
  extraWrites: readonly Step[] = [],
): Promise<Turn | undefined> => {
  const { project, id, entities } = turn;
  const changes = {
    ...messagesAfter(turn, edit),
    ...(edit.metadata ? { metadata: edit.metadata, metadataSince: platform.ids.next() } : {}),
    ...(edit.observedAt === undefined ? {} : { observedAt: edit.observedAt }),
    options: correctedOptions(turn, edit),
  };
  return reviseTurn(platform, turn, changes, [
    changeEvent(platform, project, 'UPDATE', [{ id, entities }], {
      turn: id,
      ...(edit.redacted && { redacted: edit.redacted }),
    }),
    ...extraWrites,
  ]);
};
