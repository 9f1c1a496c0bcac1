import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { fileURLToPath } from 'node:url';
import type { Send, TextResponse } from './exchange.ts';
import type { Keys } from './open-service.ts';
import type { Measurement, Question } from './probe.ts';

const program = fileURLToPath(new URL('./probed-child.ts', import.meta.url));
/** Timeout after which a request counts as hanging. */
const requestTimeoutMs = 120_000;

export interface ProbedService {
  keys: Keys;
  send: Send;
  ask(question: Question): Promise<Measurement>;
  /** Exit code and last output of the process; undefined while it runs. */
  exitReason(): string | undefined;
  kill(): Promise<void>;
}

const readResponse = async (response: IncomingMessage): Promise<TextResponse> => {
  const chunks: Buffer[] = [];
  const { statusCode: status = 0, headers } = response;
  try {
    for await (const chunk of response) {
      chunks.push(chunk);
      // A stream of events may go on for a day.
      if (headers['content-type']?.startsWith('text/event-stream')) break;
    }
  } catch (error) {
    // The service closes the connection when it rejects a body before its end.
    if (status < 400) throw error;
  }
  return { status, text: Buffer.concat(chunks).toString('utf8') };
};

const createSender = (url: string, agent: Agent): Send => {
  const { hostname, port } = new URL(url);
  return ({ method, path, headers, body }) =>
    new Promise((resolve, reject) => {
      const length =
        body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
      const request = httpRequest(
        {
          hostname,
          port,
          agent,
          method,
          path,
          headers: { ...length, ...headers },
          signal: AbortSignal.timeout(requestTimeoutMs),
        },
        (response) => resolve(readResponse(response)),
      );
      request.on('error', reject);
      request.end(body);
    });
};

/** Starts the whole service in a separate process, with a probe on its main thread. */
export const startProbedService = async (
  { folder, receiver }: { folder: string; receiver: string },
  nodeOptions: readonly string[] = [],
): Promise<ProbedService> => {
  const args = ['--folder', folder, '--receiver', receiver];
  const child = spawn(process.execPath, [...nodeOptions, program, ...args], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let output = '';
  child.stderr?.on('data', (chunk) => {
    output = `${output}${chunk}`.slice(-4_000);
  });
  let reason: string | undefined;
  const ended = new Promise<void>((resolve) => {
    child.once('close', (code, signal) => {
      reason = `ended with ${code ?? signal}: ${output}`;
      resolve();
    });
  });
  // A message to a process that is about to end fails with EPIPE; the exit is reported instead.
  child.on('error', () => undefined);
  const nextMessage = async () => {
    const waiting = new AbortController();
    const message = once(child, 'message', { signal: waiting.signal }).catch(() => undefined);
    const received = await Promise.race([message, ended]);
    waiting.abort();
    if (!received) {
      await ended;
      throw new Error(reason);
    }
    return received[0];
  };
  const { url, keys }: { url: string; keys: Keys } = await nextMessage();
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });

  return {
    keys,
    send: createSender(url, agent),
    ask(question) {
      child.send(question);
      return nextMessage();
    },
    exitReason: () => reason,
    async kill() {
      agent.destroy();
      child.kill('SIGKILL');
      await ended;
    },
  };
};
