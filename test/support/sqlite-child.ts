import { join } from 'node:path';
import { openDatabase } from '../../shared/adapters/sqlite/database.ts';
import { lockFolder } from '../../shared/adapters/sqlite/lock.ts';
import { createSqliteStore } from '../../shared/adapters/sqlite/store.ts';
import { pendingKey, scopeLeaseKey } from '../../shared/domain/table/keys.ts';

// Another process on a database: `lock <folder>` locks a folder, `write <file>` writes until killed, `open <file>` opens a file.
const [command, path = ''] = process.argv.slice(2);

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Writes pairs of items in concurrent transactions and prints the number of each pair after its commit. */
const writeUntilKilled = async (): Promise<void> => {
  const store = createSqliteStore({ database: openDatabase({ path }), clock: Date });
  let last = 0;
  const write = async (): Promise<void> => {
    for (;;) {
      const turn = String(++last);
      const head = { token: turn, leaseUntil: last };
      const item = { turn, event: 'e', project: 'p', scope: turn, failures: 0 };
      await store.transact([
        { op: 'put', key: scopeLeaseKey('p', turn), item: head },
        { op: 'put', key: pendingKey('p', turn, turn), item },
      ]);
      say(turn);
    }
  };
  await Promise.all([write(), write(), write(), write()]);
};

const hold = (): void => {
  try {
    lockFolder(path, join(path, 'turnstone.db'));
    say('locked');
    setInterval(() => {}, 60_000);
  } catch (error) {
    say(error instanceof Error ? error.message : 'unknown');
  }
};

if (command === 'lock') hold();
if (command === 'write') await writeUntilKilled();
if (command === 'open') {
  openDatabase({ path }).close();
  say('opened');
}
