import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { restrictFolder } from '../../shared/adapters/system/private-folder.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const isOurs = (name: string): boolean => name.startsWith('ours');

describe('the permissions of the data folder', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  const put = (name: string, mode: number): string => {
    writeFileSync(folder.file(name), 'x');
    chmodSync(folder.file(name), mode);
    return folder.file(name);
  };
  const modeOf = (path: string): number => statSync(path).mode & 0o777;
  beforeEach(() => {
    folder = temporaryFolder();
    chmodSync(folder.path, 0o755);
  });
  afterEach(() => folder.remove());

  it('a path that is a file is refused with a sentence that names the file', () => {
    const file = put('ours', 0o600);

    expect(() => restrictFolder(file, isOurs)).toThrow(
      `${file} is a file, not a folder: choose another folder for the data.`,
    );
  });

  it.each([0o640, 0o604, 0o644, 0o620, 0o777])(
    'our files with mode %i lose the permissions of other users',
    (mode) => {
      const file = put('ours', mode);

      const { closed, open } = restrictFolder(folder.path, isOurs);

      expect(closed).toEqual([file, folder.path]);
      expect(open).toEqual([]);
      expect(modeOf(file) & 0o077).toBe(0);
      expect(modeOf(folder.path)).toBe(0o700);
    },
  );

  it('a private folder stays unchanged', () => {
    chmodSync(folder.path, 0o700);
    put('ours', 0o600);
    put('ours too', 0o400);

    expect(restrictFolder(folder.path, isOurs)).toEqual({ closed: [], open: [] });
  });

  it('backups become private, whatever their names', () => {
    const backup = folder.file('monday.bak');
    const database = new DatabaseSync(backup);
    database.exec('CREATE TABLE a (b)');
    database.close();
    chmodSync(backup, 0o644);

    restrictFolder(folder.path, isOurs);

    expect(modeOf(backup)).toBe(0o600);
    expect(modeOf(folder.path)).toBe(0o700);
  });

  it('a folder that holds other files keeps its permissions and is reported', () => {
    const notes = put('notes.txt', 0o644);
    mkdirSync(folder.file('photos'));
    const ours = put('ours', 0o644);

    const { closed, open } = restrictFolder(folder.path, isOurs);

    expect(closed).toEqual([ours]);
    expect(open).toEqual([folder.path]);
    expect(modeOf(notes)).toBe(0o644);
  });

  it('a file of another user is reported and stays unchanged', () => {
    const file = put('ours', 0o644);
    const another = vi.spyOn(process, 'getuid').mockReturnValue(statSync(file).uid + 1);

    const { closed, open } = restrictFolder(folder.path, isOurs);
    another.mockRestore();

    expect(closed).toEqual([]);
    expect(open).toEqual([file, folder.path]);
    expect(modeOf(file)).toBe(0o644);
  });

  it('nothing is reported on a system without file modes', () => {
    put('ours', 0o666);
    const platform = vi.spyOn(process, 'platform', 'get').mockReturnValue('win32');

    const found = restrictFolder(folder.path, isOurs);
    platform.mockRestore();

    expect(found).toEqual({ closed: [], open: [] });
  });
});
