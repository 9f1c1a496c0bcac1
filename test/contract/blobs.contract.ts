import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bytesDigest } from '../../shared/domain/digest.ts';
import type { BlobName, Blobs } from '../../shared/ports/blobs.ts';

/** Blobs, and an outage of what stores them, where that can fail. */
export interface BlobsUnderTest {
  blobs: Blobs;
  /** Makes every later call fail. */
  breakDown?(): Promise<void>;
  close(): Promise<void>;
}

const turn = '01901234-5678-7abc-8def-0123456789ab';

const nameOf = (bytes: Uint8Array, more: Partial<BlobName> = {}): BlobName => ({
  project: 'proj_1',
  turn,
  digest: bytesDigest(bytes),
  ...more,
});

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Contract of every store of blobs. */
export const describeBlobs = (
  name: string,
  make: () => Promise<BlobsUnderTest>,
  { canFail = true } = {},
): void => {
  describe(`${name} as blobs`, () => {
    let under: BlobsUnderTest;
    beforeEach(async () => {
      under = await make();
    });
    afterEach(() => under.close());

    it('bytes are read as they were stored, whatever they are', async () => {
      const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => (i * 7) % 256);

      await under.blobs.put(nameOf(bytes), bytes);

      expect(Buffer.from((await under.blobs.get(nameOf(bytes))) ?? [])).toEqual(Buffer.from(bytes));
    });

    it('a blob may be empty', async () => {
      const bytes = new Uint8Array();

      await under.blobs.put(nameOf(bytes), bytes);

      expect((await under.blobs.get(nameOf(bytes)))?.byteLength).toBe(0);
    });

    it('a name without bytes reads as undefined', async () => {
      expect(await under.blobs.get(nameOf(bytesOf('none')))).toBeUndefined();
    });

    it('bytes may be stored again', async () => {
      const bytes = bytesOf('tea');
      await under.blobs.put(nameOf(bytes), bytes);

      await under.blobs.put(nameOf(bytes), bytes);

      expect(Buffer.from((await under.blobs.get(nameOf(bytes))) ?? []).toString()).toBe('tea');
    });

    it('equal bytes of another turn or project stay when those of one are removed', async () => {
      const bytes = bytesOf('tea');
      const names = [
        nameOf(bytes),
        nameOf(bytes, { turn: turn.replace('0', '1') }),
        nameOf(bytes, { project: '../proj_1' }),
      ];
      for (const one of names) await under.blobs.put(one, bytes);

      await under.blobs.remove([nameOf(bytes)]);

      const left = await Promise.all(names.map((one) => under.blobs.get(one)));
      expect(left.map((found) => found !== undefined)).toEqual([false, true, true]);
    });

    it('many blobs are removed at once, and absent ones are no error', async () => {
      const all = Array.from({ length: 30 }, (_, i) => bytesOf(`blob ${i}`));
      for (const bytes of all.slice(1)) await under.blobs.put(nameOf(bytes), bytes);

      await under.blobs.remove(all.map((bytes) => nameOf(bytes)));

      const left = await Promise.all(all.map((bytes) => under.blobs.get(nameOf(bytes))));
      expect(left.filter(Boolean)).toEqual([]);
    });

    it.runIf(canFail)('a failure is a RetryableError', async () => {
      await under.breakDown?.();
      const bytes = bytesOf('tea');

      const calls = [
        () => under.blobs.put(nameOf(bytes), bytes),
        () => under.blobs.get(nameOf(bytes)),
        () => under.blobs.remove([nameOf(bytes)]),
      ];

      for (const call of calls)
        await expect(call()).rejects.toMatchObject({ code: 'blobs_unavailable' });
    });
  });
};
