import { describe, expect, it } from 'vitest';
import { createCachingSecretBox } from '../../shared/adapters/secret-box/caching-secret-box.ts';
import { TerminalError } from '../../shared/domain/errors.ts';
import type { SecretBox } from '../../shared/ports/secret-box.ts';
import { createManualClock } from '../support/manual-clock.ts';

const owner = { project: 'proj_1', endpoint: 'whe_1' };

const openCachingBox = (open: SecretBox['open'] = async (sealed) => sealed.slice(1)) => {
  const clock = createManualClock();
  const opened: string[] = [];
  const inner: SecretBox = {
    seal: async (secret) => `#${secret}`,
    open: (sealed, of) => {
      opened.push(`${of.endpoint} ${sealed}`);
      return open(sealed, of);
    },
  };
  return { clock, opened, box: createCachingSecretBox(inner, clock) };
};

describe('the caching secret box', () => {
  it('decrypts a secret again only after five minutes', async () => {
    const { box, clock, opened } = openCachingBox();
    const sealed = await box.seal('one', owner);

    const first = await box.open(sealed, owner);
    await clock.advance(299_000);
    await box.open(sealed, owner);
    const early = opened.length;
    await clock.advance(1_000);
    await box.open(sealed, owner);

    expect(first).toBe('one');
    expect(early).toBe(1);
    expect(opened).toHaveLength(2);
  });

  it('shares one decryption between concurrent calls', async () => {
    const { box, opened } = openCachingBox();

    const secrets = await Promise.all([box.open('#one', owner), box.open('#one', owner)]);

    expect(secrets).toEqual(['one', 'one']);
    expect(opened).toEqual(['whe_1 #one']);
  });

  it('decrypts the same sealed text anew for another owner', async () => {
    const { box, opened } = openCachingBox();

    await box.open('#one', owner);
    await box.open('#one', { ...owner, endpoint: 'whe_2' });

    expect(opened).toEqual(['whe_1 #one', 'whe_2 #one']);
  });

  it('does not cache a failure', async () => {
    let isBroken = true;
    const { box } = openCachingBox(async () => {
      if (isBroken) throw new TerminalError('secret_unreadable', 'Broken.');
      return 'one';
    });

    await expect(box.open('#one', owner)).rejects.toMatchObject({ code: 'secret_unreadable' });
    isBroken = false;

    expect(await box.open('#one', owner)).toBe('one');
  });

  it('keeps at most a thousand secrets and evicts the oldest first', async () => {
    const { box, opened } = openCachingBox();
    for (let number = 0; number <= 1_000; number++) await box.open(`#${number}`, owner);
    opened.length = 0;

    await box.open('#1000', owner);
    await box.open('#0', owner);

    expect(opened).toEqual(['whe_1 #0']);
  });
});
