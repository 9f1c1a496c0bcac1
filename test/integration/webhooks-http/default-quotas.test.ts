import { afterEach, describe, expect, it } from 'vitest';
import {
  type Answer,
  openService,
  say,
  type TestService,
} from '../../support/in-memory-service.ts';
import { openWebhookService } from '../../support/webhook-service.ts';

let service: TestService;
afterEach(() => service.close());

const statusesOf = (answers: readonly Answer[]): { [status: number]: number } =>
  Object.fromEntries(
    [...Map.groupBy(answers, ({ status }) => status)].map(([status, all]) => [status, all.length]),
  );

const times = async (count: number, act: (index: number) => Promise<Answer>): Promise<Answer[]> => {
  const answers: Answer[] = [];
  for (let index = 0; index < count; index += 20)
    answers.push(...(await Promise.all(Array.from({ length: 20 }, (_, n) => act(index + n)))));
  return answers;
};

describe('a project, where nothing is set,', () => {
  it('a project gets 300 of 600 requested endpoints by default', async () => {
    const webhooks = await openWebhookService({ refines: false });
    service = webhooks;

    const answers = await times(600, (n) =>
      service.client('POST /v1/endpoints', {
        body: { url: `${webhooks.receiver.url}?n=${n}`, event_types: ['*'] },
      }),
    );

    expect(statusesOf(answers)).toEqual({ 201: 300, 409: 300 });
    expect((await service.client('GET /v1/endpoints')).body.count).toBe(300);
  });

  it('a project runs 100 of 200 concurrent delete-alls by default, and the others delete nothing', async () => {
    service = await openService({ refines: false });
    await service.client('POST /v1/turns', { body: say('I like tea.', 'kept') });

    const answers = await times(200, (n) =>
      service.client(`DELETE /v1/memories/?user_id=user-${n}`),
    );
    const refused = await service.client('DELETE /v1/memories/?user_id=kept');
    const kept = await service.client('POST /v3/memories', {
      body: { filters: { user_id: 'kept' } },
    });

    expect(statusesOf(answers)).toEqual({ 200: 100, 429: 100 });
    expect(refused.body.code).toBe('too_many_jobs');
    expect(kept.body.count).toBe(1);
  });
});
