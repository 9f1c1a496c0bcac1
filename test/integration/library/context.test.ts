import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMemory } from '../../../functions/library/index.ts';
import type { LocalMemory } from '../../../functions/library/memory-interface.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

let folder: ReturnType<typeof temporaryFolder>;
let memory: LocalMemory;

beforeEach(async () => {
  folder = temporaryFolder();
  memory = await createMemory({ dataDir: folder.file('data') });
});

afterEach(async () => {
  await memory.close();
  folder.remove();
});

describe('the context of a memory in process', () => {
  it('a context is a text that fits its budget, and names its memories', async () => {
    await memory.add('I live in Oslo.', { userId: 'ana', metadata: { is_a: 1 } });
    const filters = { metadata: { is_a: 1 } };

    const found = await memory.context('Oslo', { userId: 'ana', budget: 100, filters });
    const other = await memory.context('Oslo', { filters: { user_id: 'ben' }, threshold: 0.5 });

    expect(found.context).toContain('Oslo');
    expect(found.tokens).toBeLessThanOrEqual(100);
    expect(found.memories[0]).toMatchObject({
      id: expect.any(String),
      type: 'refined',
      date: expect.stringContaining('T'),
    });
    expect(other).toMatchObject({ context: '', memories: [], truncated: false });
  });

  it('a context without ids and filters, or without a query, is refused', async () => {
    await expect(memory.context('x', {})).rejects.toMatchObject({ code: 'missing_scope' });
    await expect(memory.context(' ', { userId: 'ana' })).rejects.toMatchObject({
      code: 'empty_query',
    });
  });
});
