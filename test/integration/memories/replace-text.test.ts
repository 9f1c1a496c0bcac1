import { describe, expect, it } from 'vitest';
import { getEvent } from '../../../shared/core/events.ts';
import {
  type ReplaceRequest,
  type ReplaceResult,
  replaceText,
} from '../../../shared/core/memories/replace-text.ts';
import { updateMemory } from '../../../shared/core/memories/update-memory.ts';
import { type CoreFixture, openCoreFixture, project, textsOf } from '../../support/core-fixture.ts';
import { writesOf } from '../../support/intercepted-store.ts';
import { proposing } from '../../support/scripted-model.ts';

const asked: ReplaceRequest = {
  owner: { kind: 'user', id: 'alice' },
  replacement: { from: 'Ana', to: 'Ana Maria' },
  repeatWindowMs: 60_000,
};
const replace = (
  service: CoreFixture,
  request: Partial<ReplaceRequest> = {},
  actor = service.platform,
) => replaceText(actor, project, { ...asked, ...request }, () => {});

const texts = async (service: CoreFixture) => textsOf(await service.list());
/** Number of changes that the event of a replacement reports. */
const reported = async (service: CoreFixture, result: ReplaceResult) =>
  'event' in result && (await getEvent(service.platform, project, result.event))?.changes.length;

describe('a replacement of a text in all memories of a user', () => {
  it('changes memories and turns that are not refined yet, of this user alone', async () => {
    const service = openCoreFixture();
    await service.learn('Ana plays go.');
    await service.learn('Bananas are for Anais.');
    await service.learn('Ana plays chess.', { user: 'bob' });
    await service.add('Ana lives in Oslo.');

    const result = await replace(service);
    const changed = await texts(service);
    await service.refine();

    expect(result).toMatchObject({ outcome: 'replaced', remaining: 0 });
    expect(changed).toEqual([
      'Learnt: Ana Maria plays go.',
      'Learnt: Bananas are for Anais.',
      'user: Ana Maria lives in Oslo.',
    ]);
    expect(await texts(service)).toContain('Learnt: Ana Maria lives in Oslo.');
    expect(textsOf(await service.list({ user: 'bob' }))).toEqual(['Learnt: Ana plays chess.']);
    expect(await reported(service, result)).toBe(2);
  });

  it('a repeat finds the same event, also after the window, when nothing is left to change', async () => {
    const service = openCoreFixture();
    await service.learn('Ana plays go.');

    const first = await replace(service);
    const again = await replace(service);
    await service.clock.advance(60_000);
    const later = await replace(service);

    expect(again).toEqual({ ...first, outcome: 'replayed' });
    expect(later).toMatchObject({ outcome: 'replaced' });
    expect(await texts(service)).toEqual(['Learnt: Ana Maria plays go.']);
    expect(await reported(service, first)).toBe(1);
    expect(await reported(service, later)).toBe(0);
  });

  it.each([
    ['was said', (service: CoreFixture) => service.add('Ana lives in Oslo.')],
    [
      'was given to a memory by an edit',
      (service: CoreFixture, id: string) =>
        updateMemory(service.platform, project, id, { text: 'Ana lives in Oslo.' }),
    ],
  ])('an equal request is no repeat once the text %s again', async (_, say) => {
    const service = openCoreFixture();
    const [id = ''] = await service.learn('Ana plays go.');
    const first = await replace(service);
    await say(service, id);

    const second = await replace(service);
    const again = await replace(service);

    expect(second).toMatchObject({ outcome: 'replaced', remaining: 0 });
    expect(second).not.toEqual(first);
    expect(again).toEqual({ ...second, outcome: 'replayed' });
    expect(JSON.stringify(await texts(service))).toContain('Ana Maria lives in Oslo.');
    expect(await reported(service, second)).toBe(1);
  });

  it('an equal request with a key is a repeat, whatever was said since', async () => {
    const service = openCoreFixture();
    const first = await replace(service, { idempotencyKey: 'k1' });
    await service.learn('Ana plays go.');

    const again = await replace(service, { idempotencyKey: 'k1' });

    expect(again).toEqual({ ...first, outcome: 'replayed' });
    expect(await texts(service)).toEqual(['Learnt: Ana plays go.']);
  });

  it('a repeat after a crash changes what is left', async () => {
    const service = openCoreFixture();
    for (const game of ['go', 'chess', 'bridge']) await service.learn(`Ana plays ${game}.`);
    let edits = 0;
    const crashing = service.intercepted({
      before: ({ steps }) => {
        if (writesOf(steps, 'MEMORY').length > 0 && edits++ === 1) throw new Error('crash');
      },
    });

    await expect(replace(service, {}, crashing)).rejects.toThrow('crash');
    await replace(service);

    expect(await texts(service)).toEqual([
      'Learnt: Ana Maria plays bridge.',
      'Learnt: Ana Maria plays chess.',
      'Learnt: Ana Maria plays go.',
    ]);
  });

  it('keeps the tags of a memory, but those of the replaced words', async () => {
    const service = openCoreFixture();
    const tags = ['ana', 'go', 'ana cup'];
    service.model.next(
      proposing({ turn: 0, type: 'ADD', text: 'Ana plays go.', tags, message: 0 }),
    );
    await service.add('Ana plays go.');
    await service.refine();

    await replace(service, { replacement: { from: 'Ana', to: 'Eva' } });

    expect(await service.list()).toMatchObject([{ text: 'Eva plays go.', tags: ['go'] }]);
  });

  it('an edit in between is not overwritten', async () => {
    const service = openCoreFixture();
    const [id = ''] = await service.learn('Ana plays go.');
    let isEdited = false;
    const racing = service.intercepted({
      before: async ({ steps }) => {
        if (writesOf(steps, 'MEMORY').length === 0 || isEdited) return;
        isEdited = true;
        await updateMemory(service.platform, project, id, { text: 'Ana plays chess.' });
      },
    });

    await replace(service, {}, racing);

    expect(await texts(service)).toEqual(['Ana Maria plays chess.']);
  });

  it('another request with the same key is refused', async () => {
    const service = openCoreFixture();
    await replace(service, { idempotencyKey: 'k1' });

    const other = await replace(service, {
      idempotencyKey: 'k1',
      replacement: { from: 'Bob', to: 'Rob' },
    });

    expect(other).toEqual({ outcome: 'key_reused' });
  });

  it('a refusal before the changes changes nothing', async () => {
    const service = openCoreFixture();
    await service.learn('Ana plays go.');
    const refuse = (memories: number): void => {
      throw new Error(`refused ${memories}`);
    };

    await expect(replaceText(service.platform, project, asked, refuse)).rejects.toThrow(
      'refused 1',
    );

    expect(await texts(service)).toEqual(['Learnt: Ana plays go.']);
  });
});
