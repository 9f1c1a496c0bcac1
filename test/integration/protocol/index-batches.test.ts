import { describe, expect, it } from 'vitest';
import { updateMemories } from '../../../shared/core/memories/update-memories.ts';
import { sweep } from '../../../shared/core/sweep.ts';
import { TerminalError } from '../../../shared/domain/errors.ts';
import { memoryKey } from '../../../shared/domain/table/keys.ts';
import type { FullPlatform } from '../../../shared/ports/platform.ts';
import type { Hint } from '../../../shared/ports/queue.ts';
import { openCoreFixture, project } from '../../support/core-fixture.ts';
import { learning } from '../../support/scripted-model.ts';

/** Memories that are due for indexing, since their hints were lost. */
const due = async (count: number) => {
  const service = openCoreFixture();
  const texts = Array.from({ length: count }, (_, n) => `Heron number ${n}.`);
  service.model.next(learning(...texts));
  const ids = await service.learn('Many herons.');
  await service.settle();
  const edits = ids.map((id, n) => ({ id, edit: { text: `Stork number ${n}.` } }));
  await updateMemories(service.platform, project, edits);
  while (service.hints.take());
  await service.clock.advance(180_000);
  return { service, ids };
};

describe('hints at many memories', () => {
  it('a sweep hints at many due memories in few hints, each of them in one', async () => {
    const { service, ids } = await due(130);

    await sweep(service.platform);

    const hints: Hint[] = [];
    for (let hint = service.hints.take(); hint; hint = service.hints.take()) hints.push(hint);
    const index = hints.filter((hint) => hint.kind === 'index');
    expect(index).toHaveLength(2);
    expect(index.flatMap(({ memory, more = [] }) => [memory, ...more]).sort()).toEqual(ids.sort());
  });

  it('a memory that can never be indexed does not hold up the others of its hint', async () => {
    const { service, ids } = await due(5);
    const picky: FullPlatform = {
      ...service.platform,
      embedder: {
        ...service.platform.embedder,
        embed: async (texts, options) => {
          if (texts.some((text) => text.includes('number 2')))
            throw new TerminalError('rejected', 'The text is rejected.');
          return service.platform.embedder.embed(texts, options);
        },
      },
    };
    await sweep(service.platform);

    await service.work(picky).catch(() => {});

    const memories = await service.store.getMany(ids.map((id) => memoryKey(project, id)));
    const indexed = memories.map((memory) => memory?.indexedVersion === memory?.version);
    expect(indexed).toEqual(ids.map((_, n) => n !== 2));
  });
});
