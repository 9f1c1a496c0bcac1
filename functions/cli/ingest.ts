import { parseArgs } from 'node:util';
import { RetryableError, TerminalError } from '../../shared/domain/errors.ts';
import { readConfig } from '../../shared/platform/config/config.ts';
import { runCommand } from '../run-command.ts';
import { type Conversation, type Question, readConversation } from './ingest/conversation.ts';
import { createProgress, type Progress } from './ingest/progress.ts';
import { createServiceClient, type ServiceClient } from './ingest/service-client.ts';

const usage =
  'Sends a conversation to a running Turnstone, waits until it is refined, and asks questions about it.\nUsage: npm run ingest -- <locomo file> [--conversation 0] [--questions 5] [--url <service>] [--key <API key>] [--user <id>]';

const maxHits = 3;

const readCommand = () => {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        conversation: { type: 'string', default: '0' },
        questions: { type: 'string', default: '5' },
        url: { type: 'string' },
        key: { type: 'string' },
        user: { type: 'string' },
      },
    });
  } catch (error) {
    throw new TerminalError(
      'bad_command',
      `${error instanceof Error ? error.message : error}\n${usage}`,
    );
  }
};

const countOf = (text: string, option: string): number => {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new TerminalError(
    'bad_command',
    `--${option} must be a whole number, not ${JSON.stringify(text)}.`,
  );
};

const readOptions = () => {
  const { values, positionals } = readCommand();
  const [file, ...rest] = positionals;
  if (file === undefined || rest.length > 0) throw new TerminalError('bad_command', usage);
  const { apiKey, host, port } = readConfig();
  const key = values.key ?? apiKey;
  if (key === undefined)
    throw new TerminalError(
      'no_key',
      'Set an API key with --key or TURNSTONE_API_KEY: the first `npm start` prints one, and `npm run keys -- create` on the same machine creates another.',
    );
  const url = values.url ?? `http://${host}:${port}`;
  if (!URL.canParse(url)) throw new TerminalError('bad_command', `--url ${url} is not a URL.`);
  const number = countOf(values.conversation, 'conversation');
  return {
    conversation: readConversation(file, number, values.user ?? `locomo-${number}`),
    questions: countOf(values.questions, 'questions'),
    client: createServiceClient(url, key),
  };
};

/**
 * Runs `work` with a progress bar and ends the line of the bar in any case. If the service becomes unreachable, the error
 * says how many turns were done.
 */
const withProgress = async <T>(
  label: string,
  total: number,
  work: (progress: Progress) => Promise<T>,
): Promise<T> => {
  let reached = 0;
  const progress = createProgress(process.stdout, label, total);
  try {
    return await work({
      ...progress,
      show(done) {
        reached = done;
        progress.show(done);
      },
    });
  } catch (error) {
    if (!(error instanceof RetryableError)) throw error;
    const advice =
      reached === 0 && error.code === 'unreachable'
        ? 'Start one with `npm start`, or name another with --url.'
        : `${reached} of ${total} turns were ${label}; run this command again once the service answers, and it continues from there.`;
    throw new TerminalError(error.code, `${error.message} ${advice}`, error);
  } finally {
    progress.end();
  }
};

/** Sends turns one at a time, each after the acknowledgement of the previous one, since that is the order of refinement. */
const sendAll = (client: ServiceClient, { turns }: Conversation): Promise<string[]> =>
  withProgress('added', turns.length, async (progress) => {
    const events: string[] = [];
    for (const turn of turns) {
      events.push(await client.add(turn));
      progress.show(events.length);
    }
    return events;
  });

const awaitAll = (client: ServiceClient, events: readonly string[]): Promise<void> =>
  withProgress('refined', events.length, async (progress) => {
    let done = 0;
    for (const id of events) {
      let event = await client.event(id);
      while (event.status === 'PENDING' || event.status === 'RUNNING')
        event = await client.event(id);
      if (event.status !== 'SUCCEEDED')
        throw new TerminalError(
          'not_refined',
          `Event ${id} ended as ${event.status}: ${event.error?.message ?? 'the event was cancelled.'}`,
        );
      progress.show(++done);
    }
  });

/** Returns up to `count` items, evenly spread over the list. */
const sample = <T>(all: readonly T[], count: number): T[] =>
  all.length <= count
    ? [...all]
    : Array.from({ length: count }).flatMap(
        (_, i) => all[Math.floor((i * all.length) / count)] ?? [],
      );

/** Prints the results for a question. Returns true if one of them comes from a turn that holds the answer. */
const ask = async (client: ServiceClient, user: string, { text, answer, evidence }: Question) => {
  const hits = await client.search(text, user, maxHits);
  const containsEvidence = hits.map(({ metadata }) => evidence.has(String(metadata['dia_id'])));
  console.log(`\n${text}\n  expected: ${answer}`);
  for (const [i, { score, memory }] of hits.entries())
    console.log(
      `  ${containsEvidence[i] ? '✓' : ' '} ${score.toFixed(2)}  ${memory.replace(/\s+/g, ' ')}`,
    );
  return containsEvidence.includes(true);
};

await runCommand(usage, async () => {
  const { conversation, questions, client } = readOptions();
  const { name, user, speakers, turns } = conversation;
  const started = performance.now();
  console.log(`${name}: ${turns.length} turns of ${speakers.join(' and ')}, as user ${user}`);
  await awaitAll(client, await sendAll(client, conversation));
  const took = ((performance.now() - started) / 1_000).toFixed(1);
  console.log(`Every turn is refined, after ${took} s.`);

  const asked = sample(conversation.questions, questions);
  let found = 0;
  for (const question of asked) if (await ask(client, user, question)) found += 1;
  if (asked.length > 0)
    console.log(
      `\nThe turn that holds the answer (✓) is among the first ${maxHits} for ${found} of ${asked.length} questions.`,
    );
});
