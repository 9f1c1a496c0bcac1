import { parseArgs } from 'node:util';
import { RetryableError, TerminalError } from '../../shared/domain/errors.ts';
import { readConfig } from '../../shared/platform/config/config.ts';
import { runCommand } from '../run-command.ts';
import { errorOf } from './ingest/service-client.ts';
import { type Call, commands } from './terminal/commands.ts';

const usage = `Works with the memories of a running Turnstone from a terminal.
Usage: npm run -s cli -- <command> [<argument>] [options]

  add <text>       Remembers a text; --wait waits for what is learnt of it
  search <query>   Finds memories, best first
  list             Lists memories, newest first
  get <id>         Shows one memory
  delete <id>      Erases one memory
  events           Lists events, newest first
  watch            Shows events as they come, until Ctrl-C

Options:
  --user, --agent, --app, --run <id>   Whose memories: one at least of add, search and list
  --limit <number>                     Number of rows, 20 by default
  --json                               Answers of the API as JSON
  --url <service>, --key <API key>     By default the service on this machine, and TURNSTONE_API_KEY`;

const wrong = (sentence: string): TerminalError =>
  new TerminalError('bad_command', `${sentence}\n${usage}`);

const readOptions = () => {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const ids = { user: text, agent: text, app: text, run: text };
  try {
    return parseArgs({
      allowPositionals: true,
      options: { ...ids, limit: text, json: flag, wait: flag, url: text, key: text },
    });
  } catch (error) {
    throw wrong(error instanceof Error ? error.message : String(error));
  }
};

const numberOf = (text = '20'): number => {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= 200) return limit;
  throw wrong('--limit is a whole number from 1 to 200.');
};

const createCall =
  (base: string, key: string): Call =>
  async (schema, method, path, body) => {
    try {
      const response = await fetch(new URL(path, base), {
        method,
        headers: { authorization: `Token ${key}`, 'content-type': 'application/json' },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      if (!response.ok) throw await errorOf(response);
      return schema.parse(await response.json());
    } catch (error) {
      if (error instanceof TerminalError || error instanceof RetryableError) throw error;
      throw new RetryableError('unreachable', `No Turnstone answers at ${base}.`, undefined, error);
    }
  };

/** The command of the arguments, with what it is to work on. */
const readCommand = (positionals: readonly string[]) => {
  const [name = '', ...rest] = positionals;
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) throw wrong(name === '' ? 'Name a command.' : `There is no command ${name}.`);
  const argument = rest.join(' ');
  if (command.argument && argument.trim() === '')
    throw wrong(`${name} needs a ${command.argument}.`);
  if (!command.argument && rest.length > 0) throw wrong(`${name} takes no argument.`);
  return { ...command, name, argument };
};

const idsOf = ({
  user,
  agent,
  app,
  run,
}: { [kind in 'user' | 'agent' | 'app' | 'run']?: string }) => ({
  ...(user && { user_id: user }),
  ...(agent && { agent_id: agent }),
  ...(app && { app_id: app }),
  ...(run && { run_id: run }),
});

/** The service, and the key for it. */
const readService = (values: { url?: string; key?: string }): Call => {
  const { apiKey, host, port } = readConfig();
  const { url = `http://${host}:${port}`, key = apiKey } = values;
  if (!URL.canParse(url)) throw wrong(`--url ${url} is not a URL.`);
  if (key === undefined)
    throw new TerminalError('no_key', 'Set an API key with --key or TURNSTONE_API_KEY.');
  return createCall(url, key);
};

await runCommand(usage, async () => {
  const { values, positionals } = readOptions();
  const { name, argument, run, needsIds } = readCommand(positionals);
  const ids = idsOf(values);
  if (needsIds && Object.keys(ids).length === 0)
    throw wrong(`${name} needs one of --user, --agent, --app and --run.`);
  const options = { ids, limit: numberOf(values.limit), isJson: values.json, waits: values.wait };
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  const isTerminal = process.stdout.isTTY === true;
  const terminal = {
    isColoured: isTerminal && process.stdout.hasColors(),
    columns: isTerminal ? process.stdout.columns : 1_000,
    print: (text: string) => void process.stdout.write(`${text}\n`),
  };
  await run(terminal, readService(values), argument, options, stop.signal);
});
