import { describe, expect, it } from 'vitest';
import { accept } from '../../shared/core/accept.ts';
import { getEvent } from '../../shared/core/events.ts';
import { getOrCreateProject } from '../../shared/core/projects/projects.ts';
import { refineScope } from '../../shared/core/refine/refine.ts';
import { createLocalPlatform } from '../../shared/platform/local.ts';
import { plainEmbedder } from '../support/fake-models.ts';
import { createScriptedModel, unusable } from '../support/scripted-model.ts';
import { runScript } from '../support/service.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const admin = async (dataDir: string, ...args: string[]) => {
  const { ended, out, err } = runScript('admin', { TURNSTONE_DATA_DIR: dataDir }, ...args);
  return { code: await ended, out: out(), err: err() };
};

describe('npm run admin -- retry-failed on this machine', () => {
  it('retry-failed gives failed events of the data folder a new budget, and prints how many', async () => {
    const folder = temporaryFolder();
    const languageModel = createScriptedModel();
    languageModel.always(unusable('refusal'));
    const platform = createLocalPlatform({
      dataDir: folder.path,
      languageModel,
      embedder: plainEmbedder,
      refineSchedule: [0],
    });
    const { id: project } = await getOrCreateProject(platform);
    const accepted = await accept(platform, project, {
      entities: { user: 'alice' },
      messages: [{ role: 'user', content: 'I live in Lisbon.' }],
      metadata: {},
      options: { infer: true },
    });
    const event = 'event' in accepted ? accepted.event : '';
    const budget = { deadlineAt: Number.POSITIVE_INFINITY, signal: new AbortController().signal };
    for (let attempt = 0; attempt < 2; attempt++)
      await refineScope(platform, project, 'user#alice', budget);
    const failed = await getEvent(platform, project, event);

    const other = await admin(folder.path, 'retry-failed', '--since', '1h', '--code', 'model_junk');
    const done = await admin(folder.path, 'retry-failed', '--since', '1h');
    const retried = await getEvent(platform, project, event);
    await platform.close();
    folder.remove();

    expect(failed?.status).toBe('FAILED');
    expect(other.out).toContain('Retried 0;');
    expect(done).toMatchObject({ code: 0, out: expect.stringContaining('Retried 1;') });
    expect(retried).toMatchObject({ status: 'PENDING', attempts: 0 });
  });

  it.each([[[]], [['--since', 'yesterday']], [['--since', '1h', '--code']]])(
    'retry-failed rejects %j in one sentence',
    async (args) => {
      const folder = temporaryFolder();

      const { code, err } = await admin(folder.path, 'retry-failed', ...args);
      folder.remove();

      expect(code).toBe(1);
      expect(err).not.toContain('    at ');
    },
  );
});

describe('npm run admin -- reprocess on this machine', () => {
  it('a dry run prints what the model of the environment would change, the command changes it', async () => {
    const folder = temporaryFolder();
    const languageModel = createScriptedModel();
    languageModel.always(({ turns }) => ({
      ok: true,
      changes: turns.map((_, turn) => ({ turn, type: 'NONE', reason: 'Small talk.' })),
      usage: { prompt: 1, completion: 1 },
    }));
    const platform = createLocalPlatform({
      dataDir: folder.path,
      languageModel,
      embedder: plainEmbedder,
    });
    const { id: project } = await getOrCreateProject(platform);
    await accept(platform, project, {
      entities: { user: 'alice' },
      messages: [{ role: 'user', content: 'I live in Lisbon.' }],
      metadata: {},
      options: { infer: true },
    });
    const budget = { deadlineAt: Number.POSITIVE_INFINITY, signal: new AbortController().signal };
    await refineScope(platform, project, 'user#alice', budget);

    const dry = await admin(folder.path, 'reprocess', '--since', '1h', '--dry-run');
    const done = await admin(folder.path, 'reprocess', '--since', '1h');
    const repeated = await admin(folder.path, 'reprocess', '--since', '1h');
    await platform.close();
    folder.remove();

    expect(dry.out).toContain('  + User lives in Lisbon.');
    expect(dry.out).toContain('1 changed. Nothing was written.');
    expect(done.out).toContain('1 changed. A running service');
    expect(repeated.out).toContain('1 unchanged.');
  });
});
