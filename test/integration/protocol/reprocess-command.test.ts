import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  readReprocessCommand,
  runReprocessCommand,
} from '../../../functions/cli/admin/reprocess.ts';
import { commit } from '../../../shared/core/commit.ts';
import { outageAfterFailure } from '../../../shared/core/refine/breaker.ts';
import { put } from '../../../shared/core/steps.ts';
import { TerminalError } from '../../../shared/domain/errors.ts';
import { projectKey } from '../../../shared/domain/table/keys.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import { type CoreFixture, openCoreFixture, project, textsOf } from '../../support/core-fixture.ts';
import { learning } from '../../support/scripted-model.ts';

let core: CoreFixture;
let printed: string[];
beforeEach(() => {
  core = openCoreFixture();
  printed = [];
  vi.spyOn(console, 'log').mockImplementation((text) => void printed.push(String(text)));
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** Learns from that many turns. Returns their ids, oldest first. */
const learnt = async (count: number): Promise<string[]> => {
  const { clock, platform } = core;
  const known = { id: project, organization: 'org', name: 'main', createdAt: clock.now() };
  await commit(platform, [put(projectKey(project), known)]);
  const turns: string[] = [];
  for (let at = 0; at < count; at++) {
    core.model.next(learning(`User has ${at} zebras.`));
    turns.push((await core.add(`I have ${at} zebras and an okapi.`)).turn);
    await core.refine();
  }
  core.model.always((request, signal) => {
    const [, at] = /(\d) zebras/.exec(request.turns[0]?.messages[0]?.content ?? '') ?? [];
    return learning(`User has okapi number ${at}.`)(request, signal);
  });
  return turns;
};

const run = (platform: Platform = core.platform): Promise<void> =>
  runReprocessCommand(platform, readReprocessCommand(['--since', '1h'], core.clock.now()));

const failure = {
  code: 'model_unavailable',
  message: 'The language model does not answer.',
  retryable: true,
  about: 'service',
} as const;

describe('the command that refines turns again', () => {
  it('a turn that the store refuses fails alone, and the others are refined', async () => {
    const [refused, ...others] = await learnt(3);
    const platform = core.intercepted({
      before: ({ steps }) => {
        if (steps.some(({ key, op }) => op === 'update' && key.pk.endsWith(`#${refused}`)))
          throw new TerminalError('item_too_large', 'The item is too large.');
      },
    });

    await run(platform);

    expect(printed[0]).toBe(`turn ${refused}: failed: item_too_large`);
    expect(printed.at(-1)).toContain(`1 failed, ${others.length} changed.`);
    expect(textsOf(await core.list()).filter((text) => text.includes('okapi'))).toHaveLength(2);
  });

  it('ends in one sentence after a few turns when the model does not answer', async () => {
    await learnt(6);
    const before = core.model.requests.length;
    core.model.always(() => ({ ok: false, ...failure, usage: { prompt: 0, completion: 0 } }));

    await expect(run()).rejects.toMatchObject({
      code: 'model_unavailable',
      message: expect.stringContaining('does not answer (model_unavailable)'),
    });

    expect(core.model.requests.length - before).toBe(3);
    expect(printed.at(-1)).toContain('3 failed.');
  });

  it('goes on after a turn that the model does not answer', async () => {
    await learnt(6);
    core.model.next(
      ...[0, 1].map(() => () => ({
        ...{ ok: false as const, ...failure },
        usage: { prompt: 0, completion: 0 },
      })),
    );

    await run();

    expect(printed.at(-1)).toContain('2 failed, 4 changed.');
  });

  it('asks no model while its breaker is open, and goes on once a probe succeeds', async () => {
    await learnt(2);
    const before = core.model.requests.length;
    const { signal } = new AbortController();
    const refusal = { code: 'model_unauthorized', message: 'Refused.' };
    await outageAfterFailure(core.platform, { failure: refusal, outageVersion: undefined }, signal);

    await expect(run()).rejects.toMatchObject({ code: 'model_unauthorized' });
    const during = core.model.requests.length;
    await core.clock.advance(60_000);
    await run();

    expect(during).toBe(before);
    expect(printed.at(-1)).toContain('2 changed.');
  });
});
