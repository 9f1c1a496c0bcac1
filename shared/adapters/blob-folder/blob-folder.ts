import { constants } from 'node:fs';
import { chmod, copyFile, mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { bytesDigest } from '../../domain/digest.ts';
import { RetryableError } from '../../domain/errors.ts';
import { mapConcurrent } from '../../domain/map-concurrent.ts';
import type { BlobName, Blobs } from '../../ports/blobs.ts';

const folderMode = 0o700;
const fileMode = 0o600;

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'unknown';

/** Path of a blob below the folder. The prefix keeps a project named `..` inside. */
const pathOf = (folder: string, { project, turn, digest }: BlobName): string =>
  join(
    folder,
    `project-${encodeURIComponent(project)}`,
    `${encodeURIComponent(turn)}.${encodeURIComponent(digest)}`,
  );

const unavailable = (error: unknown): RetryableError =>
  new RetryableError(
    'blobs_unavailable',
    `The folder of attachments cannot be used (${codeOf(error)}).`,
    undefined,
    error,
  );

/** Writes a file and its folder to the disk (fsync). Only this user can read them. */
const writeDurably = async (path: string, bytes: Uint8Array): Promise<void> => {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: folderMode });
  const file = await open(path, 'w', fileMode);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  const parent = await open(folder, 'r');
  await parent.sync().finally(() => parent.close());
};

/**
 * Blobs as files of a folder that only this user can read. The folder is created by the first attachment. A file that a crash left
 * incomplete does not have the digest of its name, and counts as absent.
 */
export const createBlobFolder = (folder: string): Blobs => ({
  async put(name, bytes) {
    try {
      await writeDurably(pathOf(folder, name), bytes);
    } catch (error) {
      throw unavailable(error);
    }
  },

  async get(name) {
    try {
      const bytes = await readFile(pathOf(folder, name));
      return bytesDigest(bytes) === name.digest ? bytes : undefined;
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw unavailable(error);
    }
  },

  async remove(names) {
    try {
      await mapConcurrent(names, (name) => rm(pathOf(folder, name), { force: true }));
    } catch (error) {
      throw unavailable(error);
    }
  },
});

/** Copies a file that no one else can read; one that was deleted meanwhile is left out. */
const copyOne = async (source: string, target: string): Promise<void> => {
  await mkdir(dirname(target), { recursive: true, mode: folderMode });
  try {
    await copyFile(source, target, constants.COPYFILE_EXCL);
    await chmod(target, fileMode);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
};

/**
 * Copies all blobs of a folder while others are stored and deleted. Returns whether there is any. A crash leaves a part of the copy; no
 * file is overwritten.
 */
export const copyBlobFolder = async (source: string, target: string): Promise<boolean> => {
  try {
    const entries = await readdir(source, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    for (const { parentPath, name } of files) {
      const path = join(parentPath, name);
      await copyOne(path, join(target, relative(source, path)));
    }
    return files.length > 0;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
};
