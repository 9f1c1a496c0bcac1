import { afterEach, describe, expect, it } from 'vitest';
import { settingKey } from '../../../shared/domain/table/keys.ts';
import { readConfig } from '../../../shared/platform/config/config.ts';
import { createLocalPlatform, type LocalPlatform } from '../../../shared/platform/local.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const open: LocalPlatform[] = [];
const closing = <P extends LocalPlatform>(platform: P): P => {
  open.push(platform);
  return platform;
};
afterEach(async () => {
  await Promise.all(open.splice(0).map((platform) => platform.close()));
});

describe('the local platform', () => {
  it('the local platform needs nothing but a path, and instances share nothing', async () => {
    const [one, two] = [1, 2].map(() => closing(createLocalPlatform({ path: ':memory:' })));
    const key = settingKey('colour');
    await one?.store.transact([{ op: 'put', key, item: { value: 'blue' } }]);

    expect(await one?.store.get(key)).toEqual({ value: 'blue' });
    expect(await two?.store.get(key)).toBeUndefined();
  });

  it('the local platform uses embedded models without a key, remote ones with a key or a server', () => {
    const embedded = closing(createLocalPlatform({ path: ':memory:' }));
    const withKey = closing(createLocalPlatform({ path: ':memory:', openaiApiKey: 'sk-test' }));
    const withServer = closing(
      createLocalPlatform({
        path: ':memory:',
        ...readConfig({ OPENAI_BASE_URL: 'http://127.0.0.1:1/v1', TURNSTONE_MODEL: 'llama' }),
      }),
    );

    expect(embedded.languageModel.quality).toBe('basic');
    expect(embedded.parts).toMatchObject({ language_model: 'embedded', store: 'embedded' });
    expect(withKey.languageModel.quality).toBe('model');
    expect(withServer.languageModel.name).toContain('llama');
    expect(withServer.parts).toMatchObject({ embedder: 'remote' });
  });

  it('the local platform accepts any part from its caller', () => {
    const clock = createManualClock();

    const platform = closing(createLocalPlatform({ path: ':memory:', clock, refineSchedule: [7] }));

    expect(platform.clock).toBe(clock);
    expect(platform.policy.refineSchedule).toEqual([7]);
  });

  it('the local platform stores its data in the data folder', async () => {
    const folder = temporaryFolder();
    const key = settingKey('colour');
    const first = createLocalPlatform({ dataDir: folder.path });
    await first.store.transact([{ op: 'put', key, item: { value: 'blue' } }]);
    await first.close();

    const second = createLocalPlatform({ dataDir: folder.path });
    const kept = await second.store.get(key);
    await second.close();

    expect(kept).toEqual({ value: 'blue' });
    folder.remove();
  });
});
