import { describe, expect, it } from 'vitest';
import { createGuardedEmbedder } from '../../../shared/adapters/guarded-embedder/guarded-embedder.ts';
import { RetryableError } from '../../../shared/domain/errors.ts';
import type { Embedder } from '../../../shared/ports/embedder.ts';
import { alice, type CoreFixture, openCoreFixture, textsOf } from '../../support/core-fixture.ts';
import { plainEmbedder } from '../../support/fake-models.ts';

const known = ['Learnt: I live in Lisbon.'];

/** An embedder that answers when the test lets it. */
const slowEmbedder = () => {
  const calls: { signal: AbortSignal | undefined; answer(): void }[] = [];
  const embedder: Embedder = {
    model: plainEmbedder.model,
    embed: (texts, { signal } = {}) => {
      const { promise, resolve, reject } = Promise.withResolvers<Float32Array[]>();
      signal?.addEventListener('abort', () => reject(signal.reason));
      calls.push({ signal, answer: () => void plainEmbedder.embed(texts).then(resolve) });
      return promise;
    },
  };
  return { embedder, calls };
};

const learnt = async (): Promise<CoreFixture> => {
  const service = openCoreFixture();
  await service.learn('I live in Lisbon.');
  await service.settle();
  return service;
};

describe('a search whose query gets no vector', () => {
  it('a search without an embedding after 1.5 s answers lexically, reports it, and lets the call go on for the next search', async () => {
    const service = await learnt();
    const { embedder, calls } = slowEmbedder();
    const guarded = createGuardedEmbedder(embedder, service.clock);
    const lines: unknown[][] = [];
    const telemetry = { log: (...line: unknown[]) => void lines.push(line) };
    const actor = { ...service.platform, embedder: guarded, telemetry };
    const start = service.clock.now();

    const first = await service.until(service.ask('Lisbon', alice, actor));
    const waited = service.clock.now() - start;
    calls[0]?.answer();
    const second = await service.until(service.ask('Lisbon', alice, actor));

    expect(textsOf(first.memories)).toEqual(known);
    expect(first.degraded).toEqual(['semantic']);
    expect(waited).toBeGreaterThanOrEqual(1_500);
    expect(waited).toBeLessThan(1_700);
    expect(lines).toEqual([
      ['warn', 'retrieval.without_vectors', { project: 'proj_1', code: 'embedder_late' }],
    ]);
    expect(calls).toHaveLength(1);
    expect(calls[0]?.signal?.aborted).toBe(false);
    expect([second.degraded, second.memories.length]).toEqual([[], 1]);
  });

  it('a search whose embedder fails answers at once, and reports it', async () => {
    const service = await learnt();
    const embed = async () => {
      throw new RetryableError('embedder_unknown', 'There is no such model.');
    };
    const actor = { ...service.platform, embedder: { ...plainEmbedder, embed } };

    const found = await service.ask('Lisbon', alice, actor);

    expect(textsOf(found.memories)).toEqual(known);
    expect(found.degraded).toEqual(['semantic']);
  });

  it('a search over rough memories only is not degraded without an embedding', async () => {
    const service = openCoreFixture();
    await service.add('I live in Lisbon.');
    const { embedder, calls } = slowEmbedder();

    const found = await service.until(
      service.ask('Lisbon', alice, { ...service.platform, embedder }),
    );

    expect(textsOf(found.memories)).toEqual(['user: I live in Lisbon.']);
    expect(found.degraded).toEqual([]);
    expect(calls[0]?.signal?.aborted).toBe(true);
  });

  it('a refinement waits for as long as the embedder takes', async () => {
    const service = await learnt();
    const { embedder, calls } = slowEmbedder();
    await service.add('I moved to Porto.');

    const refined = service.refine(alice, { ...service.platform, embedder });
    await expect.poll(() => calls.length).toBe(1);
    await service.clock.advance(10_000);
    const asked = service.model.requests.length;
    calls[0]?.answer();
    await expect.poll(() => service.model.requests.length).toBe(asked + 1);

    // The messages while the model decides, then the new memory, then nothing but what is indexed.
    await expect.poll(() => calls.length).toBe(3);
    for (const { answer } of calls) answer();
    await refined;
  });
});
