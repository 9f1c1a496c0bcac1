import { mapConcurrent } from '../../domain/map-concurrent.ts';
import { piecesOf } from '../../domain/memory/text-pieces.ts';
import type { Turn } from '../../domain/memory/turn.ts';
import type { ProposedChange } from '../../ports/language-model.ts';
import type { Platform } from '../../ports/platform.ts';
import type { AttachedText } from '../attachments/read-attachments.ts';
import type { FailedRequest, ModelAnswer } from './model-answer.ts';

/** Calls of the model in flight for one turn: its documents take about as long as one call. */
const concurrency = 4;

/** A part of a turn that is shown to the model as a turn of its own: its messages, or a piece of an attachment. */
interface Part {
  turn: Turn;
  /** Position of the message with the attachment; undefined for the messages themselves. */
  message?: number;
}

/** Asks about turns; the answer may cover the first of them only. */
export type Ask = (turns: readonly Turn[]) => Promise<ModelAnswer | FailedRequest>;

const titleOf = ({ attachment: { type, name } }: AttachedText, at: number, of: number): string =>
  `[${type}${name === undefined ? '' : ` ${name}`}${of > 1 ? `, part ${at + 1} of ${of}` : ''}]`;

const piecesOfText = (turn: Turn, attached: AttachedText): Part[] => {
  const { role = 'user' } = turn.messages[attached.message] ?? {};
  const pieces = piecesOf(attached.text);
  return pieces.map((piece, at) => {
    const content = `${titleOf(attached, at, pieces.length)}\n${piece}`;
    return { turn: { ...turn, messages: [{ role, content }] }, message: attached.message };
  });
};

/** Returns the parts of a turn, each shown as a turn: the messages, then the pieces of the attachments. */
export const partsOf = (turn: Turn, texts: readonly AttachedText[]): Part[] => {
  const isSaid = turn.messages.some(({ content }) => content.trim() !== '');
  const pieces = texts.flatMap((attached) => piecesOfText(turn, attached));
  return isSaid || pieces.length === 0 ? [{ turn }, ...pieces] : pieces;
};

const sizeOf = ({ turn }: Part): number =>
  turn.messages.reduce((sum, { content }) => sum + content.length, 0);

/** Distributes parts over calls, in order, as many as the model takes. */
const groupsOf = ({ languageModel }: Platform, parts: readonly Part[]): Part[][] => {
  const { turns, characters } = languageModel.batch;
  const groups: Part[][] = [];
  let size = 0;
  for (const part of parts) {
    const last = groups.at(-1);
    size += sizeOf(part);
    if (last && last.length < turns && size <= characters) last.push(part);
    else {
      groups.push([part]);
      size = sizeOf(part);
    }
  }
  return groups;
};

/** A change about a part, as one about the turn. `offset`: number of changes before those of the same answer. */
const ofTurn = (change: ProposedChange, part: Part | undefined, offset: number): ProposedChange => {
  const { target, message = part?.message } = change;
  const source = part?.message ?? message;
  return {
    ...change,
    turn: 0,
    ...(source === undefined ? {} : { message: source }),
    ...(target && 'change' in target ? { target: { change: target.change + offset } } : {}),
  };
};

/** Asks about all parts of a group, and again about those that an answer does not cover. */
const askAboutGroup = async (
  ask: Ask,
  group: readonly Part[],
): Promise<ModelAnswer | FailedRequest> => {
  const changes: ProposedChange[] = [];
  const tokens = { prompt: 0, completion: 0 };
  for (let at = 0; at < group.length; ) {
    const left = group.slice(at);
    const answer = await ask(left.map(({ turn }) => turn));
    if ('failure' in answer) return answer;
    const offset = changes.length;
    changes.push(...answer.changes.map((change) => ofTurn(change, left[change.turn], offset)));
    tokens.prompt += answer.tokens.prompt;
    tokens.completion += answer.tokens.completion;
    at += Math.max(1, answer.turns.length);
  }
  return { turns: [], changes, tokens };
};

const isEffective = ({ type, target }: ProposedChange): boolean => type !== 'NONE' || !!target;

/**
 * Proposes changes for one turn and its attachments. Of parts that taught nothing, only the first says so.
 * @returns an answer that covers the turn, or the first failure
 */
export const proposeFromAttachments = async (
  platform: Platform,
  turn: Turn,
  texts: readonly AttachedText[],
  ask: Ask,
): Promise<ModelAnswer | FailedRequest> => {
  const groups = groupsOf(platform, partsOf(turn, texts));
  const answers = await mapConcurrent(groups, (group) => askAboutGroup(ask, group), concurrency);
  const all: ProposedChange[] = [];
  const tokens = { prompt: 0, completion: 0 };
  for (const answer of answers) {
    if ('failure' in answer) return { ...answer, asked: 1 };
    const offset = all.length;
    all.push(...answer.changes.map((change) => ofTurn(change, undefined, offset)));
    tokens.prompt += answer.tokens.prompt;
    tokens.completion += answer.tokens.completion;
  }
  const isAny = all.some(isEffective);
  let isFirst = !isAny;
  const changes = all.map((change): ProposedChange | undefined => {
    if (isEffective(change)) return change;
    const kept = isFirst ? change : undefined;
    isFirst = false;
    return kept;
  });
  return { turns: [turn], changes: withoutGaps(changes), tokens };
};

/** Drops the gaps of a list of changes, and renumbers the changes that others refer to. */
const withoutGaps = (changes: readonly (ProposedChange | undefined)[]): ProposedChange[] => {
  const positions = new Map<number, number>();
  for (const [at, change] of changes.entries()) if (change) positions.set(at, positions.size);
  return changes.flatMap((change) => {
    const { target } = change ?? {};
    if (!change || !target || !('change' in target)) return change ?? [];
    const position = positions.get(target.change);
    const { target: _, ...rest } = change;
    return [position === undefined ? rest : { ...rest, target: { change: position } }];
  });
};
