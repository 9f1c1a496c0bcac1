import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Message that starts an invocation; the parent process sends one at a time. */
export interface Invocation {
  id: string;
  event: unknown;
  endsAt: number;
}

export type Message =
  | { kind: 'ready' }
  | { kind: 'answer'; value: unknown }
  | { kind: 'error'; message: string };

type Handler = (event: unknown, context: object) => unknown;

const send = (message: Message): void => void process.send?.(message);

const reported = (error: unknown): Message => ({
  kind: 'error',
  message: error instanceof Error ? (error.stack ?? error.message) : String(error),
});

/** Loads a handler as the runtime does: `index.handler` is the export `handler` of `index.mjs`. */
const load = async (folder: string, name: string): Promise<Handler> => {
  const [file, exported = ''] = name.split('.');
  const module = await import(pathToFileURL(join(folder, `${file}.mjs`)).href);
  return module[exported];
};

const [folder = '', name = ''] = process.argv.slice(2);
const functionName = process.env['AWS_LAMBDA_FUNCTION_NAME'];

try {
  const handler = await load(folder, name);
  process.on('message', async ({ id, event, endsAt }: Invocation) => {
    try {
      const context = {
        awsRequestId: id,
        functionName,
        getRemainingTimeInMillis: () => endsAt - Date.now(),
      };
      const value = await handler(event, context);
      // The response is serialized, as in Lambda.
      send({ kind: 'answer', value: JSON.parse(JSON.stringify(value ?? null)) });
    } catch (error) {
      send(reported(error));
    }
  });
  send({ kind: 'ready' });
} catch (error) {
  send(reported(error));
}
