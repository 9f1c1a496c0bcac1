import { startFauxqs } from 'fauxqs';
import { createSqsClient } from '../../shared/adapters/sqs/client.ts';

/** Starts an SQS emulator on a free port of the loopback interface. */
export const startSqsEmulator = async () => {
  const server = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false });
  const endpoint = `http://127.0.0.1:${server.port}`;
  let queues = 0;

  return {
    endpoint,
    createQueue: (name: string, attributes: { [name: string]: string } = {}): string => {
      server.createQueue(name, { attributes });
      return `${endpoint}/000000000000/${name}`;
    },
    /** Returns the bodies of all messages in a queue, visible or not. */
    bodiesIn: (name: string): string[] => {
      const messages = server.inspectQueue(name)?.messages;
      if (!messages) throw new Error(`${name} is gone`);
      const inFlight = messages.inflight.map(({ message }) => message);
      return [...messages.ready, ...messages.delayed, ...inFlight].map(({ body }) => body);
    },
    stop: () => server.stop(),

    /** Creates an empty queue with a client and access to the emulator's state. */
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
