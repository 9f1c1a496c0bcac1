/** Edits of memories, which a cold start does not need: one module, since each one that is loaded late has a file of its own. */
export { updateMemories } from '../../../shared/core/memories/update-memories.ts';
export { updateMemory } from '../../../shared/core/memories/update-memory.ts';
export { updateMemoryOnce } from '../../../shared/core/memories/update-once.ts';
