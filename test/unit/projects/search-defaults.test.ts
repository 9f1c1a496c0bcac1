import { expect, it } from 'vitest';
import { changeSettings } from '../../../shared/core/projects/project-settings.ts';
import { createSearchDefaults } from '../../../shared/core/projects/search-defaults.ts';
import { searchMemories } from '../../../shared/core/retrieval/search.ts';
import { RetryableError } from '../../../shared/domain/errors.ts';
import { openCoreFixture, project } from '../../support/core-fixture.ts';

const open = () => {
  const service = openCoreFixture();
  const { store } = service;
  const reads = { count: 0, fail: false };
  const watched: typeof store = {
    ...store,
    get: (key) => {
      reads.count += 1;
      if (reads.fail) return Promise.reject(new RetryableError('store_unreachable', 'No store.'));
      return store.get(key);
    },
  };
  const platform = { ...service.platform, store: watched };
  return { ...service, platform, reads, defaults: createSearchDefaults(platform) };
};

it('a setting is read once in 5 seconds, however many searches use it', async () => {
  const { defaults, clock, reads } = open();

  await Promise.all([defaults.includeMessages(project), defaults.includeMessages(project)]);
  await clock.advance(4_999);
  await defaults.includeMessages(project);
  const before = reads.count;
  await clock.advance(1);
  await defaults.includeMessages(project);

  expect([before, reads.count]).toEqual([1, 2]);
});

it('a change by another process is used after 5 seconds, one of this process at once', async () => {
  const { defaults, clock, platform } = open();
  const seen = [await defaults.includeMessages(project)];

  await changeSettings(platform, project, { includeMessages: false });
  seen.push(await defaults.includeMessages(project));
  await clock.advance(5_000);
  seen.push(await defaults.includeMessages(project));
  await changeSettings(platform, project, { includeMessages: null });
  defaults.forget(project);
  seen.push(await defaults.includeMessages(project));

  expect(seen).toEqual([true, true, false, true]);
});

it('a failed read is not cached', async () => {
  const { defaults, reads } = open();
  reads.fail = true;
  await expect(defaults.includeMessages(project)).rejects.toThrow('No store.');

  reads.fail = false;

  expect(await defaults.includeMessages(project)).toBe(true);
});

it('a search awaits the setting beside its first read, not before it', async () => {
  const { platform, store } = open();
  const firstRead = Promise.withResolvers<boolean>();
  const watched: typeof store = {
    ...store,
    query: (range) => {
      firstRead.resolve(true);
      return store.query(range);
    },
  };

  const answer = await searchMemories({ ...platform, store: watched }, project, {
    query: 'tea',
    filter: { entity: 'user', is: 'alice' },
    topK: 10,
    threshold: 0.1,
    fills: true,
    includeMessages: firstRead.promise,
  });

  expect(answer.memories).toEqual([]);
});
