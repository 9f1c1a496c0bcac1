import type { MemoryView, ScoredMemory } from '../../../shared/domain/memory/memory.ts';
import { messageText, saidAtOf } from '../../../shared/domain/memory/turn.ts';
import { chatTimeOf } from './chat-time.ts';
import { infoOf } from './fields.ts';
import { relativityOf } from './relativity.ts';

/** Conversation of a memory without one. */
const noConversation = 'default_session';
/** Confidence of every item, since the service has no such measure. */
const confidence = 0.99;
const fastMode = 'mode:fast';
const maxKeyWords = 8;

/** A memory of a search, or of a list, which has no score. */
type Shown = MemoryView & Partial<Pick<ScoredMemory, 'score' | 'source'>>;

type Speech = NonNullable<MemoryView['message']>;

const lineOf = ({ role, name, time }: Speech, text: string, saidAt: number): string =>
  `${name ?? role}: [${time ?? chatTimeOf(saidAt)}]: ${text}\n`;

/** Whether a result is what was said: a turn that is not refined, or a message of one that made no memory. */
const isSaid = ({ rough, message }: MemoryView): boolean => rough || message !== undefined;

/** Lines of what was said, each with its speaker and time. */
const saidValue = (memory: MemoryView): string => {
  const { message, said = [], text } = memory;
  if (message) return lineOf(message, text, memory.observedAt);
  return said.map((one) => lineOf(one, messageText(one), saidAtOf(memory, one))).join('');
};

const firstWords = (text: string): string => {
  const words = text.split(/\s+/, maxKeyWords + 1);
  return words.length > maxKeyWords ? `${words.slice(0, maxKeyWords).join(' ')} ...` : text;
};

/** Short title and whole text of a memory. */
const textsOf = (memory: Shown): { title: string; content: string } => {
  const content = isSaid(memory) ? saidValue(memory) : memory.text;
  const [line = ''] = content.split('\n', 1);
  return { title: isSaid(memory) ? line : (memory.title ?? firstWords(line)), content };
};

/** Where a memory belongs, in the words of filters. */
export const storeOf = ({ entities }: Pick<MemoryView, 'entities'>) => {
  if (entities.shared !== undefined) return 'public';
  if (entities.collection !== undefined) return 'knowledgebase';
  return entities.user === undefined ? 'agent' : 'user';
};

/** Fields that items of every list have. */
const commonFields = (memory: Shown) => ({
  create_time: memory.createdAt,
  update_time: memory.updatedAt,
  conversation_id: memory.entities.run ?? noConversation,
  store: storeOf(memory),
  status: memory.validUntil === undefined ? 'activated' : 'archived',
  relativity: memory.score === undefined ? 1 : relativityOf(memory.score),
});

const sourcesOf = ({ source }: Shown) =>
  source ? [{ message_id: source.id, content: source.text }] : [];

const typeOf = (memory: Shown): string => {
  if (isSaid(memory)) return 'WorkingMemory';
  return memory.attributedTo === 'user' ? 'UserMemory' : 'LongTermMemory';
};

const tagsOf = (memory: Shown): string[] => {
  const own = isSaid(memory) ? [fastMode] : (memory.tags ?? []);
  return [...new Set([...own, ...infoOf(memory.metadata).tags])];
};

const memoryItem = (memory: Shown) => {
  const { title, content } = textsOf(memory);
  return {
    id: memory.id,
    memory_key: title,
    memory_value: content,
    memory_type: typeOf(memory),
    ...commonFields(memory),
    confidence,
    tags: tagsOf(memory),
    sources: sourcesOf(memory),
    info: infoOf(memory.metadata).info,
  };
};

const preferenceItem = (memory: Shown) => ({
  id: memory.id,
  preference: memory.text,
  preference_type: `${memory.preferenceType ?? 'explicit'}_preference`,
  reasoning: memory.reasoning ?? '',
  ...commonFields(memory),
  sources: sourcesOf(memory),
  info: infoOf(memory.metadata).info,
});

const toolItem = (memory: Shown) => ({
  id: memory.id,
  tool_type: 'ToolTrajectoryMemory',
  tool_value: memory.text,
  tool_used_status: [],
  experience: memory.reasoning ?? '',
  ...commonFields(memory),
});

/** Instructions about preferences for the model that answers. The part about an absent type is left out. */
export const preferenceNote = (preferences: readonly Shown[]): string => {
  if (preferences.length === 0) return '';
  const types = new Set(preferences.map(({ preferenceType = 'explicit' }) => preferenceType));
  return [
    types.has('explicit') && 'Explicit preferences were stated by the user.',
    types.has('implicit') &&
      'Implicit preferences were concluded from what the user did and may be wrong.',
    types.size > 1 && 'An explicit preference outranks an implicit one.',
    'The current request outranks every preference. Leave out preferences that do not matter for it.',
  ]
    .filter(Boolean)
    .join(' ');
};

/** Number of items for each list; a list that is not wanted is 0. */
export interface Limits {
  memory: number;
  preference: number;
  tool: number;
}

/** Memories by the list that shows them. */
export const byList = <T extends MemoryView>(
  memories: readonly T[],
): { [list in keyof Limits]: T[] } => ({
  memory: memories.filter(({ kind = 'fact' }) => kind === 'fact'),
  preference: memories.filter(({ kind }) => kind === 'preference'),
  tool: memories.filter(({ kind }) => kind === 'tool'),
});

/** The lists of a search or of `get/memory`. Lists of kinds that do not exist here are empty. */
export const listsOf = ({ memory, preference, tool }: { [list in keyof Limits]: Shown[] }) => ({
  memory_detail_list: memory.map(memoryItem),
  preference_detail_list: preference.map(preferenceItem),
  tool_memory_detail_list: tool.map(toolItem),
  skill_detail_list: [],
  profile_detail_list: [],
  event_detail_list: [],
  preference_note: preferenceNote(preference),
});

/** Names of the lists of tasks and single memories. */
export const viewNames = {
  fact: 'detail_factual',
  preference: 'preference',
  tool: 'tool_memory',
} as const;

/** Builds the answer for a memory that is looked up by its id. */
export const memoryBody = (memory: MemoryView) => {
  const { title, content } = textsOf(memory);
  const { conversation_id, status, create_time, update_time } = commonFields(memory);
  return {
    id: memory.id,
    memory_view: viewNames[memory.kind ?? 'fact'],
    title,
    content,
    conversation_id,
    message_ids: memory.lineage,
    status,
    algorithm_updatable: !memory.immutable,
    created_at: create_time,
    updated_at: update_time,
    user_id: memory.entities.user ?? null,
    agent_id: memory.entities.agent ?? null,
    tags: tagsOf(memory),
    info: infoOf(memory.metadata).info,
  };
};
