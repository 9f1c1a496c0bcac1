import { startFauxqs } from 'fauxqs';
import { createSqsClient } from '../../shared/adapters/sqs/client.ts';

/** An SQS emulator on a free port of this machine alone. */
export const startSqsEmulator = async () => {
  const server = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false });
  const endpoint = `http://127.0.0.1:${server.port}`;
  let queues = 0;

  return {
    endpoint,
    createQueue: (name: string): string => {
      server.createQueue(name);
      return `${endpoint}/000000000000/${name}`;
    },
    stop: () => server.stop(),

    /** An empty queue with a client of its own, and what the emulator knows of it. */
    newQueue() {
      queues += 1;
      const name = `queue-${queues}`;
      const { queueUrl } = server.createQueue(name);
      const client = createSqsClient({
        endpoint,
        region: 'us-east-1',
        credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      });
      const inspect = () => {
        const found = server.inspectQueue(name);
        if (!found) throw new Error(`${name} is gone`);
        return found.messages;
      };
      return {
        client,
        queueUrl,
        inspect,
        put: (body: string) => void server.sendMessage(name, body),
      };
    },
  };
};
export type SqsEmulator = Awaited<ReturnType<typeof startSqsEmulator>>;
