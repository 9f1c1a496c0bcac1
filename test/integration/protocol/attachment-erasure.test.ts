import { describe, expect, it } from 'vitest';
import { deleteMemory } from '../../../shared/core/erasure/delete-memory.ts';
import { cancelEvent } from '../../../shared/core/events.ts';
import { RetryableError } from '../../../shared/domain/errors.ts';
import { messageId } from '../../../shared/domain/memory/derived-ids.ts';
import type { LocalOptions } from '../../../shared/platform/local.ts';
import { openWithFiles, withFiles } from '../../support/attachments-fixture.ts';
import { alice, openCoreFixture, project } from '../../support/core-fixture.ts';
import { forget } from '../../support/delete-all.ts';
import { createKeptFiles } from '../../support/kept-files.ts';
import { proposing } from '../../support/scripted-model.ts';

const dayMs = 86_400_000;

describe('erasure', () => {
  /** A turn of two messages with a file each, refined to a memory of each. */
  const learnTwo = async (options: LocalOptions = {}) => {
    const service = openWithFiles(options);
    service.model.next(
      proposing(
        { turn: 1, type: 'ADD', text: 'Alice likes tea.' },
        { turn: 3, type: 'ADD', text: 'Alice likes mate.' },
      ),
    );
    const { turn } = await service.addFiles(
      { ...withFiles('', 'file tea'), content: 'One.' },
      { ...withFiles('', 'file mate'), content: 'Two.' },
    );
    await service.refine();
    return { service, turn };
  };

  it('the files of a rough turn are removed when it is deleted, or its event is cancelled', async () => {
    const service = openWithFiles();
    const first = await service.addFiles(withFiles('Look.', 'tea'));
    const second = await service.addFiles(withFiles('Look.', 'mate'));
    const before = service.files.texts();

    await deleteMemory(service.platform, project, first.turn);
    await cancelEvent(service.platform, project, second.event);
    await service.work();

    expect(before).toEqual(['mate', 'tea']);
    expect(service.files.texts()).toEqual([]);
  });

  it('the files of a refined turn go with the last memory that was drawn from it', async () => {
    const { service } = await learnTwo();
    const memories = await service.list();

    for (const { id } of memories) await deleteMemory(service.platform, project, id);
    await service.work();

    expect(memories).toHaveLength(2);
    expect(service.files.texts()).toEqual([]);
  });

  it('the files of one message are removed with it, and those of the other stay', async () => {
    const { service, turn } = await learnTwo();

    await deleteMemory(service.platform, project, messageId(turn, 0));
    await service.work();

    expect(service.files.texts()).toEqual(['file mate']);
  });

  it('the files of one message of a rough turn are removed with it', async () => {
    const service = openWithFiles();
    const { turn } = await service.addFiles(withFiles('One.', 'tea'), withFiles('Two.', 'mate'));

    await deleteMemory(service.platform, project, messageId(turn, 1));
    await service.work();

    expect(service.files.texts()).toEqual(['tea']);
  });

  it.each(['rough', 'refined'])(
    'no file is left when a delete-all of a %s turn has SUCCEEDED',
    async (state) => {
      const service = openWithFiles();
      await service.addFiles(withFiles('Look.', 'tea'));
      if (state === 'refined') await service.refine();
      const before = service.files.texts();

      await forget(service, alice);
      await service.work();

      expect(before.length).toBeGreaterThan(0);
      expect(service.files.texts()).toEqual([]);
    },
  );

  it('the files of a turn are removed when its text has expired, also if nothing ran meanwhile', async () => {
    const { service } = await learnTwo({ retainTurnsDays: 1 });
    await service.settle();
    const before = service.files.texts();

    await service.pass(2 * dayMs);

    expect(service.rows('FILES')).toEqual([]);
    expect(before).toHaveLength(2);
    expect(service.files.texts()).toEqual([]);
  });

  it('files that cannot be removed are removed later', async () => {
    const files = createKeptFiles();
    let isDown = true;
    const service = openCoreFixture({
      blobs: {
        ...files,
        async remove(names) {
          if (isDown) throw new RetryableError('blobs_unavailable', 'Down.');
          await files.remove(names);
        },
      },
    });
    const { turn } = await service.add('', alice, { messages: [withFiles('Look.', 'tea')] });
    await deleteMemory(service.platform, project, turn);
    await service.work().catch(() => {});
    const before = files.texts();
    isDown = false;

    await service.pass(60_000);

    expect(before).toEqual(['tea']);
    expect(files.texts()).toEqual([]);
  });
});
