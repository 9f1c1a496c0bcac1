import { type SendMessageBatchCommandInput, SQSClient } from '@aws-sdk/client-sqs';
import type { VirtualTime } from './virtual-time.ts';

export interface Message {
  messageId: string;
  body: string;
  group: string;
  receives: number;
}

/** Receives after which a message moves to the dead-letter queue. */
const maxReceives = 5;

export interface ModelQueue {
  /** Called when messages may be received. */
  onReady: (() => void) | undefined;
  receive(max: number): Message[];
  /** A failed message is visible again after the visibility timeout. */
  fail(message: Message, visibilityMs: number): void;
  ready(): number;
  dead(): number;
}

/** Standard queue with delays and fair groups: groups are served in rotation. */
const createQueue = (time: VirtualTime) => {
  const groups = new Map<string, Message[]>();
  let size = 0;
  let deadCount = 0;
  let sequence = 0;

  const queue: ModelQueue = {
    onReady: undefined,
    ready: () => size,
    dead: () => deadCount,
    receive(max) {
      const taken: Message[] = [];
      while (taken.length < max) {
        const [group, waiting] = groups.entries().next().value ?? [];
        const message = waiting?.shift();
        if (group === undefined || !waiting || !message) break;
        groups.delete(group);
        if (waiting.length > 0) groups.set(group, waiting);
        message.receives += 1;
        taken.push(message);
      }
      size -= taken.length;
      return taken;
    },
    fail(message, visibilityMs) {
      if (message.receives >= maxReceives) deadCount += 1;
      else time.at(time.exact() + visibilityMs, () => show(message));
    },
  };

  const show = (message: Message): void => {
    const waiting = groups.get(message.group) ?? [];
    waiting.push(message);
    groups.set(message.group, waiting);
    size += 1;
    queue.onReady?.();
  };

  return {
    queue,
    send(body: string, group: string, delayMs: number): void {
      sequence += 1;
      const message = { messageId: `m${sequence}`, body, group, receives: 0 };
      time.at(time.exact() + delayMs, () => show(message));
    },
  };
};

/** Queues by URL behind the client's `send`. */
export const createQueueService = (
  time: VirtualTime,
  { sendMs, pollMs }: { sendMs: number; pollMs: number },
) => {
  const queues = new Map<string, ReturnType<typeof createQueue>>();
  const total = { requests: 0, messages: 0 };
  const queueAt = (url: string) => {
    const queue = queues.get(url) ?? createQueue(time);
    queues.set(url, queue);
    return queue;
  };

  const send = async ({ QueueUrl = '', Entries = [] }: SendMessageBatchCommandInput) => {
    total.requests += 1;
    await time.sleep(sendMs);
    for (const { MessageBody = '', MessageGroupId = '', DelaySeconds = 0 } of Entries) {
      total.messages += 1;
      queueAt(QueueUrl).send(MessageBody, MessageGroupId, pollMs + DelaySeconds * 1_000);
    }
    return {};
  };

  return {
    total,
    queue: (url: string): ModelQueue => queueAt(url).queue,
    client(beforeSend: () => Promise<void>): SQSClient {
      const sendCommand = async ({ input }: { input: SendMessageBatchCommandInput }) => {
        await beforeSend();
        return send(input);
      };
      return Object.assign(new SQSClient({ region: 'us-east-1' }), { send: sendCommand });
    },
  };
};

export type QueueService = ReturnType<typeof createQueueService>;
