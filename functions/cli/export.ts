import { open, rename } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { parseArgs } from 'node:util';
import { RetryableError, TerminalError } from '../../shared/domain/errors.ts';
import { readConfig } from '../../shared/platform/config/config.ts';
import { runCommand } from '../run-command.ts';
import { withRetries } from './import/retries.ts';
import { errorOf } from './ingest/service-client.ts';

const usage = `Writes an archive of all of a project, or of one user, agent, app or run: npm run import restores it.
Usage: npm run export -- <file> [--user <id> | --agent <id> | --app <id> | --run <id>] [--url <service>] [--key <API key>]`;

const readOptions = () => {
  const text = { type: 'string' } as const;
  const options = { user: text, agent: text, app: text, run: text, url: text, key: text };
  try {
    return parseArgs({ allowPositionals: true, options });
  } catch (error) {
    const sentence = error instanceof Error ? error.message : String(error);
    throw new TerminalError('bad_command', `${sentence}\n${usage}`);
  }
};

/** Asks for a page, or for all that a service streams. */
const request = async (url: URL, key: string) => {
  try {
    const response = await fetch(url, { headers: { authorization: `Token ${key}` } });
    if (!response.ok || !response.body) throw await errorOf(response);
    return response.body;
  } catch (error) {
    if (error instanceof TerminalError || error instanceof RetryableError) throw error;
    throw new RetryableError('unreachable', `No Turnstone answers at ${url.origin}.`, 0, error);
  }
};

const cutOff = (cause?: unknown): RetryableError =>
  new RetryableError('cut_off', 'The answer was cut off: run this command again.', 0, cause);

/** Copies records until the last one of an answer. Returns the cursor of the next request, if one has to follow. */
const copyRecords = async (
  body: Awaited<ReturnType<typeof request>>,
  write: (text: string) => Promise<unknown>,
): Promise<string | undefined> => {
  let last = '';
  try {
    for await (const text of createInterface({ input: Readable.fromWeb(body) })) {
      if (last !== '') await write(`${last}\n`);
      last = text;
    }
  } catch (error) {
    throw cutOff(error);
  }
  const { next, end } = JSON.parse(last || '{}');
  if (typeof next === 'string') return next;
  if (end !== true) throw cutOff();
  await write(`${last}\n`);
  return undefined;
};

await runCommand(usage, async () => {
  const { values, positionals } = readOptions();
  const [file, ...rest] = positionals;
  if (file === undefined || rest.length > 0) throw new TerminalError('bad_command', usage);
  const { apiKey, host, port } = readConfig();
  const { url = `http://${host}:${port}`, key = apiKey, ...ids } = values;
  if (!URL.canParse(url)) throw new TerminalError('bad_command', `--url ${url} is not a URL.`);
  if (key === undefined)
    throw new TerminalError('no_key', 'Set an API key with --key or TURNSTONE_API_KEY.');
  const target = new URL('/v1/export?format=jsonl', url);
  for (const [name, id] of Object.entries(ids)) target.searchParams.set(`${name}_id`, id);
  const output = await open(`${file}.part`, 'w', 0o600);
  let records = 0;
  try {
    const write = (text: string) => {
      records += 1;
      return output.write(text);
    };
    for (let next: string | undefined = ''; next !== undefined; ) {
      if (next !== '') target.searchParams.set('after', next);
      next = await copyRecords(await withRetries(() => request(target, key)), write);
    }
  } finally {
    await output.close();
  }
  await rename(`${file}.part`, file);
  console.log(`${records} records are in ${file}, readable by you alone.`);
});
