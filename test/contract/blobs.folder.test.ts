import { globSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createBlobFolder } from '../../shared/adapters/blob-folder/blob-folder.ts';
import { bytesDigest } from '../../shared/domain/digest.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { describeBlobs } from './blobs.contract.ts';

describeBlobs('folder', async () => {
  const folder = temporaryFolder();
  const path = folder.file('attachments');
  return {
    blobs: createBlobFolder(path),
    async breakDown() {
      rmSync(path, { recursive: true, force: true });
      writeFileSync(path, 'no folder');
    },
    close: async () => folder.remove(),
  };
});

describe('the folder of blobs', () => {
  const bytes = Buffer.from('I like tea.');
  const name = { project: 'proj_1', turn: 't', digest: bytesDigest(bytes) };

  it('a blob and its folders are readable by this user alone, whatever the umask', async () => {
    const folder = temporaryFolder();
    const path = folder.file('attachments');
    const umask = process.umask(0);

    await createBlobFolder(path).put(name, bytes);
    process.umask(umask);

    const paths = [path, ...globSync('**', { cwd: path }).map((one) => join(path, one))];
    const open = paths.filter((one) => (statSync(one).mode & 0o077) !== 0);
    folder.remove();
    expect(paths.length).toBeGreaterThan(2);
    expect(open).toEqual([]);
  });

  it('a file that a crash left incomplete counts as absent, and is replaced', async () => {
    const folder = temporaryFolder();
    const path = folder.file('attachments');
    const blobs = createBlobFolder(path);
    await blobs.put(name, bytes);
    const [file = ''] = globSync('*/*', { cwd: path });
    truncateSync(join(path, file), 3);

    const broken = await blobs.get(name);
    await blobs.put(name, bytes);
    const repaired = await blobs.get(name);
    folder.remove();

    expect(broken).toBeUndefined();
    expect(repaired).toEqual(bytes);
  });
});
