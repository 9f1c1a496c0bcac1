import { describe, expect, it } from 'vitest';
import { getEvent } from '../../../shared/core/events.ts';
import { currentOutage, releaseStaleProbe } from '../../../shared/core/refine/breaker.ts';
import { releaseStaleScopeLeases } from '../../../shared/core/refine/lease.ts';
import { outageKey } from '../../../shared/domain/table/keys.ts';
import { openCoreFixture, project } from '../../support/core-fixture.ts';
import { createScriptedModel } from '../../support/scripted-model.ts';

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
  const service = openCoreFixture({ languageModel });
  const { event } = await service.add('I like tea.');
  await service.refine();
  /** Platform of another process on the same store. */
  const next = { ...service.platform, languageModel: createScriptedModel() };
  return { service, event, next };
};

describe('a start after a process was killed', () => {
  it('a start after a killed process frees its probe claim, so that the model is probed at once', async () => {
    const { service, event, next } = await opened();
    await service.clock.advance(1_300);
    void service.refine();
    for (let n = 0; n < 50; n++) await service.clock.advance(0);
    const claimed = await service.store.get(outageKey());

    await releaseStaleScopeLeases(next);
    await releaseStaleProbe(next);
    await service.refine({ user: 'alice' }, next);

    expect(claimed).toHaveProperty('probeUntil');
    expect(await currentOutage(next)).toBeUndefined();
    expect((await getEvent(service.platform, project, event))?.status).toBe('SUCCEEDED');
  });

  it('a start after a killed process leaves the pause of an outage without a probe unchanged', async () => {
    const { service, next } = await opened();
    const before = await service.store.get(outageKey());

    await releaseStaleProbe(next);

    expect(await service.store.get(outageKey())).toEqual(before);
  });
});
