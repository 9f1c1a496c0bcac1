import { describe, expect, it } from 'vitest';
import { getEvent } from '../../../shared/core/events.ts';
import { currentOutage, freeAbandonedProbe } from '../../../shared/core/refine/breaker.ts';
import { releaseStaleLeases } from '../../../shared/core/refine/release-stale-leases.ts';
import { outageKey } from '../../../shared/domain/table/keys.ts';
import { createScriptedModel } from '../../support/scripted-model.ts';
import { openWorld, project } from '../../support/world.ts';

const opened = async () => {
  const languageModel = createScriptedModel();
  languageModel.next(() => ({
    ok: false,
    code: 'model_unauthorized',
    message: 'The language model refused the API key.',
    retryable: true,
    about: 'service',
    usage: { prompt: 0, completion: 0 },
  }));
  languageModel.probe = () => new Promise(() => {});
  const world = openWorld({ languageModel });
  const { event } = await world.add('I like tea.');
  await world.refine();
  /** A process that starts on the same store. */
  const next = { ...world.platform, languageModel: createScriptedModel() };
  return { world, event, next };
};

describe('a start after a process was killed', () => {
  it('frees the probe that it had claimed, and the model is probed at once', async () => {
    const { world, event, next } = await opened();
    await world.clock.advance(1_300);
    void world.refine();
    for (let n = 0; n < 50; n++) await world.clock.advance(0);
    const claimed = await world.store.get(outageKey());

    await releaseStaleLeases(next);
    await freeAbandonedProbe(next);
    await world.refine({ user: 'alice' }, next);

    expect(claimed).toHaveProperty('probeUntil');
    expect(await currentOutage(next)).toBeUndefined();
    expect((await getEvent(world.platform, project, event))?.status).toBe('SUCCEEDED');
  });

  it('leaves the pause of an outage that nobody probes as it is', async () => {
    const { world, next } = await opened();
    const before = await world.store.get(outageKey());

    await freeAbandonedProbe(next);

    expect(await world.store.get(outageKey())).toEqual(before);
  });
});
