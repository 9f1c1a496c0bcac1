import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runScript } from '../support/service.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const { scripts } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
);
/** Scripts that run the service or a command of functions/cli/ that takes a user's arguments. */
const commands = Object.entries(scripts as { [name: string]: string })
  .filter(([, line]) => /functions\/(?:cli|local)\/[\w-]+\.ts$/.test(line))
  .filter(([name]) => name !== 'openapi')
  .map(([name]) => name);

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

const run = async (script: string, ...args: string[]) => {
  const running = runScript(script, { TURNSTONE_DATA_DIR: folder.path }, ...args);
  return { code: await running.ended, out: running.out(), err: running.err() };
};

describe('a command', () => {
  it('the commands are those of package.json', () => {
    expect(commands).toEqual(
      expect.arrayContaining(['start', 'keys', 'backup', 'reindex', 'admin']),
    );
  });

  it.each(commands)(
    'a command prints its usage for --help and does nothing else: %s',
    async (name) => {
      const { code, out, err } = await run(name, '--help');

      expect([code, err]).toEqual([0, '']);
      expect(out).toMatch(/Usage:\s/);
      expect(readdirSync(folder.path)).toEqual([]);
    },
  );

  it.each(['start', 'reindex', 'renew-secrets'])(
    'a command without arguments refuses one that it would ignore: %s',
    async (name) => {
      const { code, err } = await run(name, '--port=4000');

      expect(code).toBe(1);
      expect(err).toContain('There is no argument --port=4000.');
      expect(readdirSync(folder.path)).toEqual([]);
    },
  );
});
