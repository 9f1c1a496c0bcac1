import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { fileURLToPath } from 'node:url';
import type { Answered, Send } from './exchange.ts';
import type { Keys } from './open-service.ts';
import type { Measured, Question } from './probe.ts';

const program = fileURLToPath(new URL('./probed-child.ts', import.meta.url));
/** A request without an answer after that long counts as one that never ends. */
const patienceMs = 120_000;

export interface ProbedService {
  keys: Keys;
  send: Send;
  ask(question: Question): Promise<Measured>;
  /** What it printed before it died; undefined while it lives. */
  died(): string | undefined;
  kill(): Promise<void>;
}

const collected = async (response: IncomingMessage): Promise<Answered> => {
  const chunks: Buffer[] = [];
  const { statusCode: status = 0 } = response;
  try {
    for await (const chunk of response) chunks.push(chunk);
  } catch (error) {
    // A body that is refused before its end cuts the connection off.
    if (status < 400) throw error;
  }
  return { status, text: Buffer.concat(chunks).toString('utf8') };
};

const senderTo = (url: string, agent: Agent): Send => {
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
          signal: AbortSignal.timeout(patienceMs),
        },
        (response) => resolve(collected(response)),
      );
      request.on('error', reject);
      request.end(body);
    });
};

/** The whole service in a process of its own, with a probe on its main thread. */
export const startProbedService = async (
  { folder, receiver }: { folder: string; receiver: string },
  nodeOptions: readonly string[] = [],
): Promise<ProbedService> => {
  const args = ['--folder', folder, '--receiver', receiver];
  const child = spawn(process.execPath, [...nodeOptions, program, ...args], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let printed = '';
  child.stderr?.on('data', (chunk) => {
    printed = `${printed}${chunk}`.slice(-4_000);
  });
  let death: string | undefined;
  const ended = once(child, 'close').then(([code, signal]) => {
    death = `ended with ${code ?? signal}: ${printed}`;
  });
  const nextMessage = async () => {
    const told = await Promise.race([once(child, 'message'), ended]);
    if (!told) throw new Error(death);
    return told[0];
  };
  const { url, keys }: { url: string; keys: Keys } = await nextMessage();
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });

  return {
    keys,
    send: senderTo(url, agent),
    ask(question) {
      child.send(question);
      return nextMessage();
    },
    died: () => death,
    async kill() {
      agent.destroy();
      child.kill('SIGKILL');
      await ended;
    },
  };
};
