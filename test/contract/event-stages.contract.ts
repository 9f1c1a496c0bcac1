import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TerminalError } from '../../shared/domain/errors.ts';
import { type Answer, finalEvent, say } from '../support/in-memory-service.ts';
import {
  createScriptedModel,
  learning,
  rewriting,
  type ScriptedModel,
} from '../support/scripted-model.ts';
import { settled, type WebhookService } from '../support/webhook-service.ts';

interface Options {
  languageModel: ScriptedModel;
  refines?: boolean;
}
type Open = (options: Options) => Promise<WebhookService>;

/**
 * The stages of an event, on each store.
 * @param isTimeKnown whether the store knows at once when the index showed the messages
 */
export const eventStagesContract = (name: string, open: Open, isTimeKnown: boolean): void => {
  const shownAt = isTimeKnown ? { at: expect.any(String) } : {};

  describe(`the stages of an event on ${name}`, () => {
    let service: WebhookService;
    let model: ScriptedModel;
    beforeEach(async () => {
      model = createScriptedModel();
      service = await open({ languageModel: model });
    });
    afterEach(() => service.close());

    const add = async (text: string, fields: object = {}): Promise<string> => {
      const { body } = await service.client('POST /v1/turns', {
        body: { ...say(text), ...fields },
      });
      return body.event_id;
    };
    const stagesOf = async (event: string): Promise<Answer['body']> =>
      (await service.client(`GET /v1/events/${event}?stages=true`)).body.stages;
    const stagesWhen = async (
      event: string,
      isThere: (stages: Answer['body']) => boolean,
    ): Promise<Answer['body']> => {
      const until = Date.now() + 15_000;
      for (;;) {
        const stages = await stagesOf(event);
        if (isThere(stages)) return stages;
        if (Date.now() > until) throw new Error(JSON.stringify(stages));
        await sleep(20);
      }
    };
    const isOver = ({ indexed, notified }: Answer['body']): boolean =>
      indexed.state !== 'waiting' && notified.state !== 'waiting';

    it('an applied event says when its memory was indexed, and leads to the deliveries of its webhooks', async () => {
      const { id: endpoint } = await service.register();
      const event = await add('I like tea');
      const done = await finalEvent(service.client, event);

      const stages = await stagesWhen(event, isOver);

      const deliveries = await settled(service.client, endpoint);
      expect(done.stages).toBeUndefined();
      expect(stages).toMatchObject({
        accepted: { state: 'done', at: done.created_at },
        queued: { state: 'done', at: done.started_at, ms: expect.any(Number) },
        model: { state: 'done', ms: done.timings.model },
        applied: { state: 'done', at: done.completed_at },
        indexed: { state: 'done', ...shownAt, memories: 1, waiting: 0 },
        notified: { state: 'done', succeeded: deliveries.length, waiting: 0, failed: 0 },
      });
      expect((stages.indexed.at ?? done.created_at) >= done.created_at).toBe(true);
      expect(stages.notified.at).toBe(
        deliveries
          .map(({ completed_at }) => completed_at)
          .toSorted()
          .at(-1),
      );
      const named = stages.notified.deliveries.map((one: Answer['body']) => one.id);
      expect(named.toSorted()).toEqual(deliveries.map(({ id }) => id).toSorted());
      expect(stages.notified.deliveries[0]).toMatchObject({
        endpoint_id: endpoint,
        event_type: 'event.succeeded',
        status: 'succeeded',
      });
    });

    it('without an endpoint there is nothing to notify', async () => {
      const event = await add('I like tea');
      await finalEvent(service.client, event);

      const { notified } = await stagesWhen(event, isOver);

      expect(notified).toMatchObject({ state: 'skipped', at: null, deliveries: [] });
    });

    it('a delivery that used all its attempts makes the stage failed', async () => {
      await service.register({ event_types: ['memory_add'] });
      service.receiver.usually({ status: 500 });
      const event = await add('I like tea');

      const { notified } = await stagesWhen(event, ({ notified }) => notified.state === 'failed');

      expect(notified).toMatchObject({
        succeeded: 0,
        failed: 1,
        deliveries: [{ event_type: 'memory_add', status: 'exhausted' }],
      });
    });

    it('a failed event has no changes to apply, and leads to the webhook of its failure', async () => {
      await service.register({ event_types: ['event.failed'] });
      model.always(() => {
        throw new TerminalError('model_refused', 'The model refused.');
      });
      const event = await add('I like tea');

      const stages = await stagesWhen(event, isOver);

      expect(stages).toMatchObject({
        model: { state: 'failed' },
        applied: { state: 'skipped', at: null },
        indexed: { memories: 0 },
        notified: { state: 'done', deliveries: [{ event_type: 'event.failed' }] },
      });
    });

    it('once a memory was written again, the time of its indexing is no longer known', async () => {
      model.next(learning('User lives in Lisbon.'), rewriting('Lisbon', 'User lives in Seattle.'));
      const first = await add('I live in Lisbon.');
      await finalEvent(service.client, first);
      const second = await add('I moved to Seattle.');
      await finalEvent(service.client, second);

      const [before, after] = [await stagesWhen(first, isOver), await stagesWhen(second, isOver)];

      expect(before.indexed).toMatchObject({ state: 'done', at: null, memories: 1 });
      expect(after.indexed).toMatchObject({ state: 'done', ...shownAt, memories: 2 });
    });

    it('an edit is indexed and notified as well', async () => {
      await service.register({ event_types: ['memory_update'] });
      const learnt = await finalEvent(service.client, await add('I like tea'));
      await service.client(`PUT /v1/memories/${learnt.results[0].id}`, {
        body: { text: 'Likes coffee.' },
      });
      const { results } = (await service.client('GET /v1/events?event_type=UPDATE')).body;

      const stages = await stagesWhen(results[0].id, isOver);

      expect(stages).toMatchObject({
        model: { state: 'skipped' },
        applied: { state: 'done' },
        indexed: { state: 'done', ...shownAt, memories: 1 },
        notified: { state: 'done', deliveries: [{ event_type: 'memory_update' }] },
      });
    });

    it('webhooks are those about the first ten memories, and the answer says that there may be more', async () => {
      await service.register({ event_types: ['memory_add'] });
      const texts = Array.from({ length: 12 }, (_, number) => `User likes tea number ${number}.`);
      model.next(learning(...texts));
      const event = await add('I like many teas');

      const { indexed, notified } = await stagesWhen(event, isOver);

      expect(indexed).toMatchObject({ state: 'done', memories: 12, waiting: 0 });
      expect(notified).toMatchObject({ state: 'done', succeeded: 10, truncated: true });
    });

    it('a cancelled event leaves nothing to index', async () => {
      const waiting = await open({ languageModel: model, refines: false });
      const { body } = await waiting.client('POST /v1/turns', { body: say('I like tea') });
      const stages = async () =>
        (await waiting.client(`GET /v1/events/${body.event_id}?stages=true`)).body.stages;
      const before = await stages();
      await waiting.client(`POST /v1/events/${body.event_id}/cancel`);

      const after = await stages();
      await waiting.close();

      const statesOf = (all: Answer['body']) =>
        Object.values<Answer['body']>(all).map(({ state }) => state);
      expect(statesOf(before)).toEqual(['done', ...Array(5).fill('waiting')]);
      expect(statesOf(after)).toEqual(['done', ...Array(5).fill('skipped')]);
    });
  });
};
