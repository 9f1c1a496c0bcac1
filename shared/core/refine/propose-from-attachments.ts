import { mapConcurrent } from '../../domain/map-concurrent.ts';
import { piecesOf } from '../../domain/memory/text-pieces.ts';
import type { Message, Turn } from '../../domain/memory/turn.ts';
import type { DecideTurn, ProposedChange, Usage } from '../../ports/language-model.ts';
import type { Platform } from '../../ports/platform.ts';
import type { AttachedText } from '../attachments/read-attachments.ts';
import type { FailedRequest, ModelAnswer } from './model-answer.ts';

/** Calls of the model in flight for one turn: its documents take about as long as one call. */
const concurrency = 4;

/**
 * Bound of the pieces that rules are shown, in characters. A piece is kept word for word, so it is as short as a text that a search
 * finds.
 */
const maxBasicPiece = 1_500;
/** Most pieces of one document that are kept word for word. */
const maxKeptPieces = 50;

/** Messages at the end of a window that are shown again before the next one, and the characters of each. */
const overlapMessages = 2;
const overlapChars = 400;

/** A turn as it is shown to the model. */
export type ShownTurn = Turn & Pick<DecideTurn, 'document' | 'earlier' | 'attached'>;

/** A part of a turn that is shown to the model as a turn of its own: its messages, or a piece of an attachment. */
interface Part {
  turn: ShownTurn;
  /** Position of the message with the attachment; undefined for the messages themselves. */
  message?: number;
  /** The attachment that the piece belongs to. */
  attached?: AttachedText;
  /** Of a window: positions of its messages in the turn. */
  positions?: number[];
}

/** Asks about turns; the answer may cover the first of them only. */
export type Ask = (turns: readonly ShownTurn[]) => Promise<ModelAnswer | FailedRequest>;

const titleOf = ({ attachment: { type, name } }: AttachedText, at: number, of: number): string =>
  `[${type}${name === undefined ? '' : ` ${name}`}${of > 1 ? `, part ${at + 1} of ${of}` : ''}]`;

/** Pieces of an attachment. A model reads the title with each piece; rules, which would take it for a statement, get it apart. */
const piecesOfText = (turn: Turn, attached: AttachedText, isBasic: boolean): Part[] => {
  const { message } = attached;
  const { role = 'user', saidAt } = turn.messages[message] ?? {};
  const pieces = piecesOf(attached.text, isBasic ? maxBasicPiece : undefined);
  return pieces.map((piece, at) => {
    const title = titleOf(attached, at, pieces.length);
    const content = isBasic ? piece : `${title}\n${piece}`;
    const shown: ShownTurn = {
      ...turn,
      messages: [{ role, content, ...(saidAt === undefined ? {} : { saidAt }) }],
      earlier: [],
      attached: true,
      ...(isBasic && { document: title }),
    };
    return { turn: shown, message, attached };
  });
};

const charactersOf = (messages: readonly Message[]): number =>
  messages.reduce((sum, { content }) => sum + content.length, 0);

/** Whether a turn is too long for one call of a language model. Rules read turns of any length. */
export const isLong = (
  { languageModel: { quality, batch } }: Pick<Platform, 'languageModel'>,
  { messages }: Pick<Turn, 'messages'>,
): boolean => quality === 'model' && charactersOf(messages) > batch.characters;

/** A message, or a piece of a long one, with the position of the message. */
interface PlacedMessage {
  position: number;
  message: Message;
}

/** Splits messages into windows for one call each. */
const windowsOf = (messages: readonly Message[], max: number): PlacedMessage[][] => {
  const windows: PlacedMessage[][] = [];
  let size = max;
  for (const [position, message] of messages.entries()) {
    const pieces =
      message.content.length > max ? piecesOf(message.content, max) : [message.content];
    for (const content of pieces) {
      if (size + content.length > max) {
        windows.push([]);
        size = 0;
      }
      windows.at(-1)?.push({ position, message: { ...message, content } });
      size += content.length;
    }
  }
  return windows;
};

const endOfMessage = ({ message }: PlacedMessage): Message => ({
  ...message,
  content: message.content.slice(-overlapChars).toWellFormed(),
});

/**
 * Windows of the messages of a long turn, each a part of its own. The end of a window is shown again before the next one, as context, so
 * that an answer is read with its question.
 */
const messageParts = (platform: Pick<Platform, 'languageModel'>, turn: ShownTurn): Part[] => {
  if (!isLong(platform, turn)) return [{ turn }];
  const windows = windowsOf(turn.messages, platform.languageModel.batch.characters);
  return windows.map((window, at) => {
    const before = windows[at - 1]?.slice(-overlapMessages).map(endOfMessage);
    return {
      turn: {
        ...turn,
        messages: window.map(({ message }) => message),
        earlier: before ?? turn.earlier ?? [],
      },
      positions: window.map(({ position }) => position),
    };
  });
};

/** Returns the parts of a turn, each shown as a turn: the messages, then the pieces of the attachments. */
export const partsOf = (
  platform: Pick<Platform, 'languageModel'>,
  turn: ShownTurn,
  texts: readonly AttachedText[],
): Part[] => {
  const isSaid = turn.messages.some(({ content }) => content.trim() !== '');
  const isBasic = platform.languageModel.quality === 'basic';
  const pieces = texts.flatMap((attached) => piecesOfText(turn, attached, isBasic));
  return isSaid || pieces.length === 0 ? [...messageParts(platform, turn), ...pieces] : pieces;
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

/** A change, and the attachment that it was drawn from, if any. */
type DrawnChange = ProposedChange & { attached?: AttachedText };

/** A change about a part, as one about the turn. `offset`: number of changes before those of the same answer. */
const ofTurn = (change: DrawnChange, part: Part | undefined, offset: number): DrawnChange => {
  const { target, message } = change;
  const position = message === undefined ? undefined : (part?.positions?.[message] ?? message);
  const source = part?.message ?? position;
  return {
    ...change,
    turn: 0,
    ...(source === undefined ? {} : { message: source }),
    ...(part?.attached ? { attached: part.attached } : {}),
    ...(target && 'change' in target ? { target: { change: target.change + offset } } : {}),
  };
};

interface GroupAnswer {
  changes: DrawnChange[];
  tokens: Usage;
}

/** Asks about all parts of a group, and again about those that an answer does not cover. */
const askAboutGroup = async (
  ask: Ask,
  group: readonly Part[],
): Promise<GroupAnswer | FailedRequest> => {
  const changes: DrawnChange[] = [];
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
  return { changes, tokens };
};

const isEffective = ({ type, target }: ProposedChange): boolean => type !== 'NONE' || !!target;

/** Of parts that taught nothing, only the first says so, and only if no other part taught anything. */
const withOneReason = (changes: readonly DrawnChange[]): (DrawnChange | undefined)[] => {
  let isReasonKept = changes.some(isEffective);
  return changes.map((change) => {
    if (isEffective(change)) return change;
    const kept = isReasonKept ? undefined : change;
    isReasonKept = true;
    return kept;
  });
};

const leftOutReason = ({ part, attachment }: AttachedText, count: number): ProposedChange => ({
  turn: 0,
  type: 'NONE',
  part,
  reason: `${count} pieces of attachment ${part} (${attachment.type}) were left out, since ${maxKeptPieces} pieces of a document are kept word for word`,
});

/** Leaves out the pieces of each document beyond the most that are kept word for word. Returns reasons that say how many. */
const limitKeptPieces = (
  all: readonly (DrawnChange | undefined)[],
): { changes: (DrawnChange | undefined)[]; reasons: ProposedChange[] } => {
  const counts = new Map<AttachedText, number>();
  const changes = all.map((change) => {
    if (!change?.verbatim || !change.attached) return change;
    const count = (counts.get(change.attached) ?? 0) + 1;
    counts.set(change.attached, count);
    return count > maxKeptPieces ? undefined : change;
  });
  const reasons = [...counts].flatMap(([attached, count]) =>
    count > maxKeptPieces ? [leftOutReason(attached, count - maxKeptPieces)] : [],
  );
  return { changes, reasons };
};

/** Drops the gaps of a list of changes, and renumbers the changes that others refer to. */
const withoutGaps = (changes: readonly (DrawnChange | undefined)[]): ProposedChange[] => {
  const positions = new Map<number, number>();
  for (const [at, change] of changes.entries()) if (change) positions.set(at, positions.size);
  return changes.flatMap((change): ProposedChange[] => {
    if (!change) return [];
    const { target, attached: _, ...rest } = change;
    if (!target) return [rest];
    if (!('change' in target)) return [{ ...rest, target }];
    const position = positions.get(target.change);
    return [position === undefined ? rest : { ...rest, target: { change: position } }];
  });
};

/**
 * Proposes changes for one turn and its attachments.
 * @returns an answer that covers the turn, or the first failure
 */
export const proposeFromAttachments = async (
  platform: Platform,
  turn: ShownTurn,
  texts: readonly AttachedText[],
  ask: Ask,
): Promise<ModelAnswer | FailedRequest> => {
  const groups = groupsOf(platform, partsOf(platform, turn, texts));
  const answers = await mapConcurrent(groups, (group) => askAboutGroup(ask, group), concurrency);
  const all: DrawnChange[] = [];
  const tokens = { prompt: 0, completion: 0 };
  for (const answer of answers) {
    if ('failure' in answer) return { ...answer, asked: 1 };
    const offset = all.length;
    all.push(...answer.changes.map((change) => ofTurn(change, undefined, offset)));
    tokens.prompt += answer.tokens.prompt;
    tokens.completion += answer.tokens.completion;
  }
  const { changes, reasons } = limitKeptPieces(withOneReason(all));
  return { turns: [turn], changes: [...withoutGaps(changes), ...reasons], tokens };
};
