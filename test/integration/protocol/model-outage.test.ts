import { describe, expect, it } from 'vitest';
import { createWorkerHandler } from '../../../functions/worker/handler.ts';
import { getEvent } from '../../../shared/core/events.ts';
import { currentOutage } from '../../../shared/core/refine/breaker.ts';
import { outageKey, pendingKey } from '../../../shared/domain/table/keys.ts';
import type { ModelFailure, Probe } from '../../../shared/ports/language-model.ts';
import { type CoreFixture, openCoreFixture, project, textsOf } from '../../support/core-fixture.ts';
import { createScriptedModel, type ScriptedModel } from '../../support/scripted-model.ts';

const failure: ModelFailure = {
  code: 'model_unauthorized',
  message: 'The language model refused the API key.',
  retryable: true,
  about: 'service',
};

const failingWith =
  (what: Partial<ModelFailure> = {}): Parameters<ScriptedModel['always']>[0] =>
  () => ({ ok: false, ...failure, ...what, usage: { prompt: 0, completion: 0 } });

/** A service whose model answers probes as scripted, and counts them. */
const openProbed = (options: Parameters<typeof openCoreFixture>[0] = {}) => {
  const languageModel = createScriptedModel();
  const probes: Probe[] = [];
  let answer: Probe = { ok: true };
  languageModel.probe = async () => {
    probes.push(answer);
    return answer;
  };
  const service = openCoreFixture({ languageModel, ...options });
  return {
    service,
    model: languageModel,
    probes,
    probesSay: (next: Probe) => {
      answer = next;
    },
  };
};

const statusOf = async (service: CoreFixture, event: string) =>
  (await getEvent(service.platform, project, event))?.status;

describe('the breaker', () => {
  it('an open breaker stops other processes, and one of them probes for all', async () => {
    const { service, model, probes, probesSay } = openProbed();
    const second = createScriptedModel();
    second.probe = model.probe;
    const other = { ...service.platform, languageModel: second };
    model.always(failingWith());
    probesSay({ ok: false, code: 'model_unauthorized', message: 'Refused.' });
    await service.add('one', { user: 'alice' });
    await service.add('two', { user: 'bob' });

    await service.refine({ user: 'alice' });
    await service.refine({ user: 'bob' }, other);
    await service.clock.advance(1_300);
    await Promise.all([service.refine({ user: 'alice' }), service.refine({ user: 'bob' }, other)]);

    expect(second.requests).toEqual([]);
    expect(model.requests).toHaveLength(1);
    expect(probes).toHaveLength(1);
    expect(await service.store.get(outageKey())).toMatchObject({ failures: 2 });
  });

  it('the breaker costs an add no read, and a batch at most one read per 5 s', async () => {
    const { service } = openProbed();
    const reads: string[] = [];
    const { store } = service.platform;
    const get: typeof store.get = (key) => {
      if (key.kind === 'OUTAGE') reads.push(key.kind);
      return store.get(key);
    };
    const counted = { ...service.platform, store: { ...store, get } };

    for (let n = 0; n < 5; n++) {
      await service.accept(
        {
          entities: { user: 'alice' },
          messages: [{ role: 'user', content: `I like ${n}.` }],
          metadata: {},
          options: { infer: true },
        },
        counted,
      );
      await service.refine({ user: 'alice' }, counted);
    }

    expect(reads).toHaveLength(1);
  });

  it('a turn whose request fails while a probe succeeds does not open the breaker', async () => {
    const { service, model, probes } = openProbed({ refineSchedule: [1, 1] });
    model.always(failingWith({ code: 'model_unavailable' }));
    const { event, turn } = await service.add('I live in Atlantis.');
    const spent = async () =>
      (await service.store.get(pendingKey(project, 'user#alice', turn)))?.failures;

    await service.refine();
    const once = await getEvent(service.platform, project, event);
    const atFirst = await spent();
    await service.pass(1_000);
    const again = await spent();

    expect(await currentOutage(service.platform)).toBeUndefined();
    expect(probes).toHaveLength(2);
    // The first failure may be transient; a second one is caused by the turn.
    expect(once).toMatchObject({ error: { code: 'model_unavailable' } });
    expect(once).not.toHaveProperty('waitingFor');
    expect([atFirst, again]).toEqual([0, 1]);
    await service.pass(1_000);
    expect(await statusOf(service, event)).toBe('RUNNING');
    await service.pass(1_000);
    expect(await statusOf(service, event)).toBe('FAILED');
  });

  it('a bad turn in a batch costs the good ones no retry', async () => {
    const { service, model } = openProbed({ refineSchedule: [60] });
    model.always((request, signal) =>
      request.turns.some(({ messages }) => messages[0]?.content === 'bad')
        ? failingWith({ code: 'model_unavailable' })(request, signal)
        : createScriptedModel().decide(request, signal),
    );
    const events = [];
    for (const text of ['one', 'two', 'bad', 'four', 'five'])
      events.push((await service.add(text)).event);

    await service.refine();
    const first = await Promise.all(events.map((event) => statusOf(service, event)));
    for (let pass = 0; pass < 2; pass++) await service.pass(60_000);
    const last = await Promise.all(events.map((event) => statusOf(service, event)));

    expect(first.slice(0, 3)).toEqual(['SUCCEEDED', 'SUCCEEDED', 'RUNNING']);
    expect(last).toEqual(['SUCCEEDED', 'SUCCEEDED', 'FAILED', 'SUCCEEDED', 'SUCCEEDED']);
  });

  it.each([
    ['a limit of tokens', { code: 'model_rate_limited', retryAfterMs: 2_000 }],
    ['a moderating router', { code: 'model_unauthorized' }],
    ['a price', { code: 'model_payment_required' }],
    ['a server that breaks', { code: 'model_unavailable', retryAfterMs: 2_000 }],
  ])(
    'a turn that %s refuses opens the breaker at most once, then spends its own retries',
    async (_, what) => {
      const { service, model } = openProbed({ refineSchedule: [5, 5] });
      model.always((request, signal) =>
        request.turns.some(({ messages }) => messages[0]?.content === 'bad')
          ? failingWith(what)(request, signal)
          : createScriptedModel().decide(request, signal),
      );
      const bad = await service.add('bad', { user: 'mallory' });
      await service.refine({ user: 'mallory' });
      const opened = (await service.store.get(outageKey()))?.failures ?? 0;
      for (let n = 0; n < 10; n++) await service.pass(5_000);
      const good = await service.add('good', { user: 'bob' });
      await service.refine({ user: 'bob' });

      expect(await getEvent(service.platform, project, bad.event)).toMatchObject({
        status: 'FAILED',
        attempts: 3,
        error: { code: what.code },
      });
      expect(await statusOf(service, good.event)).toBe('SUCCEEDED');
      expect(opened).toBeLessThanOrEqual(1);
      expect((await service.store.get(outageKey()))?.failures ?? 0).toBe(opened);
    },
  );

  it('a relapse right after an outage opens the breaker again and spends no retry', async () => {
    const { service, model, probesSay } = openProbed({ refineSchedule: [1, 1] });
    const limited = { code: 'model_rate_limited' };
    let asked = 0;
    model.always((request, signal) => {
      asked += 1;
      probesSay({ ok: false, ...limited, message: 'Too many.' });
      return failingWith(limited)(request, signal);
    });
    const { event, turn } = await service.add('I like tea.');
    await service.refine();
    for (let n = 0; n < 6; n++) {
      await service.pass(60_000);
      probesSay({ ok: true });
      await service.pass(60_000);
    }

    expect(asked).toBeGreaterThan(3);
    expect(await currentOutage(service.platform)).toBeDefined();
    expect(await getEvent(service.platform, project, event)).toMatchObject({ waitingFor: 'model' });
    const pending = await service.store.get(pendingKey(project, 'user#alice', turn));
    expect(pending?.failures).toBe(0);
  });

  it("waiting scopes continue within the breaker's pause once the model is back", async () => {
    const { service, model, probesSay } = openProbed();
    model.next(failingWith());
    probesSay({ ok: false, code: 'model_unauthorized', message: 'Refused.' });
    const users = Array.from({ length: 12 }, (_, n) => ({ user: `user-${n}` }));
    for (const user of users) await service.add('I like tea.', user);
    await service.work();
    for (let n = 0; n < 10; n++) await service.pass(20_000);

    probesSay({ ok: true });
    for (let n = 0; n < 5; n++) await service.pass(20_000);

    const lists = await Promise.all(users.map((user) => service.list(user)));
    expect(new Set(lists.flatMap(textsOf))).toEqual(new Set(['Learnt: I like tea.']));
  });
});

describe('a scope that waits for the model', () => {
  it.each([3, 70])(
    'all %i waiting turns of a scope fail after the give-up time, and verbatim turns go on',
    async (count) => {
      const { service, model, probesSay } = openProbed({ modelGiveUpHours: 1 });
      model.always(failingWith());
      probesSay({ ok: false, code: 'model_unauthorized', message: 'Refused.' });
      const events = [];
      for (let n = 0; n < count; n++) events.push((await service.add(`turn ${n}`)).event);
      const plain = await service.add('kept', undefined, { options: { infer: false } });

      await service.refine();
      await service.pass(3_500_000);
      const early = await Promise.all(events.map((event) => statusOf(service, event)));
      await service.pass(100_000);
      await service.pass(100_000);
      const late = await Promise.all(
        events.map((event) => getEvent(service.platform, project, event)),
      );

      expect(early).not.toContain('FAILED');
      expect(new Set(late.map((event) => event?.error?.code))).toEqual(
        new Set(['model_unavailable']),
      );
      expect(late[0]?.error?.message).toContain('could not be used for 1 h. Refused.');
      expect(late[0]?.attempts).toBe(0);
      expect(await statusOf(service, plain.event)).toBe('SUCCEEDED');
    },
  );

  it('the give-up time starts again once the model has worked in between', async () => {
    const { service, model, probesSay } = openProbed({ modelGiveUpHours: 1 });
    model.next(failingWith());
    await service.add('one');
    await service.refine();
    await service.pass(3_500_000);
    const down = failingWith();
    model.always(down);
    probesSay({ ok: false, code: 'model_unauthorized', message: 'Refused.' });
    const { event } = await service.add('two');
    await service.refine();

    await service.pass(300_000);

    expect(await getEvent(service.platform, project, event)).toMatchObject({ waitingFor: 'model' });
  });
});

describe('a batch of hints on Lambda', () => {
  it('a batch of hints on Lambda is not delayed by a record whose model call hangs', async () => {
    const { service, model } = openProbed();
    let hangs = true;
    model.always((request, signal) =>
      hangs && request.turns[0]?.messages[0]?.content === 'hangs'
        ? new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
        : createScriptedModel().decide(request, signal),
    );
    await service.add('hangs', { user: 'alice' });
    const fine = await service.add('fine', { user: 'bob' });
    const plain = await service.add('kept', { user: 'carol' }, { options: { infer: false } });
    const stop = new AbortController();
    const records = ['alice', 'bob', 'carol'].map((user) => ({
      messageId: user,
      body: JSON.stringify({ v: 1, kind: 'refine', project, scope: `user#${user}` }),
    }));
    const limits = { deadlineAt: service.clock.now() + 60_000, signal: stop.signal };
    const answer = createWorkerHandler(service.platform)({ Records: records }, limits);

    for (let turn = 0; turn < 200; turn++) await service.clock.advance(0);
    const statuses = [await statusOf(service, fine.event), await statusOf(service, plain.event)];
    stop.abort();
    hangs = false;

    expect(statuses).toEqual(['SUCCEEDED', 'SUCCEEDED']);
    expect((await answer).batchItemFailures).toEqual([]);
  });
});
