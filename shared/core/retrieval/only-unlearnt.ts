import type { Entry } from './retrieve.ts';

/** Makes a message a source alone if its turn led to memories, or if it has no words beside its attachments. */
export const onlyUnlearnt = (entry: Entry): Entry => {
  if (entry.of !== 'message') return entry;
  const { turn, message } = entry.message;
  const { memoryIds = [], closedIds = [], drawn = {} } = turn;
  const led = memoryIds.length + closedIds.length + Object.keys(drawn).length > 0;
  return led || message.content.trim() === '' ? { ...entry, isOnlySource: true } : entry;
};
