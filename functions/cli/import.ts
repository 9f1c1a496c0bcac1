import { parseArgs } from 'node:util';
import { RetryableError, TerminalError } from '../../shared/domain/errors.ts';
import { readConfig } from '../../shared/platform/config/config.ts';
import { runCommand } from '../run-command.ts';
import { isArchive, readArchive, restoreArchive } from './import/archive.ts';
import { openPosition, type Position } from './import/position.ts';
import { readRecords } from './import/records.ts';
import { withRetries } from './import/retries.ts';
import { type Import, turnsOf } from './import/turns.ts';
import type { IngestTurn } from './ingest/conversation.ts';
import { createProgress } from './ingest/progress.ts';
import { createServiceClient } from './ingest/service-client.ts';

const usage = `Adds what another memory service or chat exported to a running Turnstone: memories word for word, conversations as turns.
Usage: npm run import -- <file> [--user <id>] [--agent <id>] [--app <id>] [--run <id>] [--id-field <name>] [--dry-run] [--url <service>] [--key <API key>]
Restores an archive of GET /v1/export exactly: with ids, times and history.
Reads JSON and JSON Lines: mem0, MemOS, Zep and supermemory, conversations of ChatGPT and Claude, and bodies of POST /v1/turns.`;

const maxRefusalsShown = 5;

const readCommand = () => {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        user: text,
        agent: text,
        app: text,
        run: text,
        'id-field': text,
        url: text,
        key: text,
        'dry-run': { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    const sentence = error instanceof Error ? error.message : String(error);
    throw new TerminalError('bad_command', `${sentence}\n${usage}`);
  }
};

const readOptions = () => {
  const { values, positionals } = readCommand();
  const [file, ...rest] = positionals;
  if (file === undefined || rest.length > 0) throw new TerminalError('bad_command', usage);
  const { apiKey, host, port } = readConfig();
  const url = values.url ?? `http://${host}:${port}`;
  if (!URL.canParse(url)) throw new TerminalError('bad_command', `--url ${url} is not a URL.`);
  const { user, agent, app, run } = values;
  return {
    file,
    url,
    key: values.key ?? apiKey,
    isDryRun: values['dry-run'],
    choices: {
      ids: {
        ...(user && { user_id: user }),
        ...(agent && { agent_id: agent }),
        ...(app && { app_id: app }),
        ...(run && { run_id: run }),
      },
      idField: values['id-field'],
    },
  };
};

const describe = ({ turns, memories, users, skipped, span }: Import): string =>
  [
    `${turns.length - memories} turns of conversations and ${memories} memories of ${users.size} users or agents`,
    ...(span ? [`from ${span[0]} to ${span[1]}`] : []),
    ...[...skipped].map(([reason, count]) => `left out ${count} times: ${reason}`),
  ].join('\n');

/**
 * Adds turns one after the other, since that is the order of refinement, from the saved position on. Returns the sentences of
 * refused ones, which do not end the import.
 */
const sendAll = async (
  add: (turn: IngestTurn) => Promise<string>,
  turns: readonly IngestTurn[],
  position: Position,
): Promise<string[]> => {
  const refusals: string[] = [];
  const progress = createProgress(process.stdout, 'added', turns.length);
  let done = position.done;
  try {
    for (const turn of turns.slice(position.done)) {
      try {
        await withRetries(() => add(turn));
      } catch (error) {
        if (!(error instanceof TerminalError && error.code === 'refused')) throw error;
        refusals.push(`turn ${done + 1}: ${error.message}`);
      }
      done += 1;
      position.save(done);
      progress.show(done);
    }
    return refusals;
  } catch (error) {
    if (!(error instanceof RetryableError)) throw error;
    const advice = `${done} of ${turns.length} are added; run this command again once the service answers, and it continues from there.`;
    throw new TerminalError(error.code, `${error.message} ${advice}`, error);
  } finally {
    progress.end();
  }
};

const noKey = (): TerminalError =>
  new TerminalError('no_key', 'Set an API key with --key or TURNSTONE_API_KEY.');

/** The error that ends a command of which parts were refused. */
const refused = (refusals: readonly string[]): TerminalError =>
  new TerminalError(
    'refused',
    [`${refusals.length} were refused:`, ...refusals.slice(0, maxRefusalsShown)].join('\n'),
  );

const countsIn = (counts: ReadonlyMap<string, number>): string =>
  [...counts].map(([name, count]) => `${name} ${count}`).join(', ');

const importArchive = async ({ file, url, key, isDryRun }: ReturnType<typeof readOptions>) => {
  const archive = await readArchive(file);
  console.log(`An archive of this service. ${countsIn(archive.counts)}`);
  if (isDryRun) return console.log('Nothing was sent: this is a dry run.');
  if (key === undefined) throw noKey();
  const { outcomes, refusals } = await restoreArchive(
    file,
    archive,
    createServiceClient(url, key),
    url,
  );
  console.log(countsIn(outcomes));
  if (refusals.length > 0) throw refused(refusals);
};

await runCommand(usage, async () => {
  const options = readOptions();
  const { file, url, key, isDryRun, choices } = options;
  if (isArchive(file)) return importArchive(options);
  const plan = turnsOf(readRecords(file), choices);
  console.log(describe(plan));
  if (isDryRun) return console.log('Nothing was sent: this is a dry run.');
  if (key === undefined) throw noKey();
  const keys = plan.turns.map((turn) => turn.key);
  const position = openPosition(file, url, keys);
  if (position.done > 0) console.log(`${position.done} of them were added by an earlier run.`);
  const refusals = await sendAll(createServiceClient(url, key).add, plan.turns, position);
  position.remove();
  console.log(
    'All that was accepted is searchable now; conversations are refined in the background.',
  );
  if (refusals.length > 0) throw refused(refusals);
});
