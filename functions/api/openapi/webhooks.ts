import type * as z from 'zod';
import {
  CategoriesNotification,
  DisabledNotification,
  EventNotification,
  MemoryNotification,
  TaskNotification,
  TestNotification,
} from '../native/webhooks/notification.openapi.ts';
import type { Components, Node } from './components.ts';

interface Webhook {
  summary: string;
  payload: z.ZodType;
}

/** Every type of notification that is sent. */
const webhooks: { readonly [type: string]: Webhook } = {
  'event.pending': { summary: 'A turn was accepted', payload: EventNotification },
  'event.succeeded': { summary: 'A turn ended well', payload: EventNotification },
  'event.failed': { summary: 'A turn failed', payload: EventNotification },
  'task.succeeded': { summary: 'A request to process ended well', payload: TaskNotification },
  'task.failed': { summary: 'A request to process failed', payload: TaskNotification },
  memory_add: { summary: 'A memory was added', payload: MemoryNotification },
  memory_update: { summary: 'A memory was changed', payload: MemoryNotification },
  memory_delete: { summary: 'A memory was deleted', payload: MemoryNotification },
  memory_categorize: {
    summary: 'A memory got its categories, or other ones',
    payload: CategoriesNotification,
  },
  'endpoint.disabled': {
    summary: 'Another endpoint of the project was disabled',
    payload: DisabledNotification,
  },
  'endpoint.test': {
    summary: 'A test was requested',
    payload: TestNotification,
  },
};

const header = (name: string, description: string, schema: Node, example: string): Node => ({
  name,
  in: 'header',
  required: true,
  description,
  schema,
  example,
});

/** Headers of Standard Webhooks 1.0. */
const headers: readonly Node[] = [
  header(
    'webhook-id',
    'Id of the notification, the same on every retry.',
    { type: 'string' },
    'ntf_4b1f6a90b3c75a107c2e8d0199f3c1aa',
  ),
  header(
    'webhook-timestamp',
    'Seconds since 1970, of this attempt.',
    { type: 'integer' },
    '1795000000',
  ),
  header(
    'webhook-signature',
    'One signature for each valid secret, newest first, separated by spaces.',
    { type: 'string' },
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  ),
];

const answers: Node = {
  '2XX': { description: 'The receiver has stored the notification; the delivery has succeeded.' },
  '410': { description: 'The receiver is gone: the endpoint is disabled at once.' },
  default: { description: 'Anything else is retried: 10 attempts over three days.' },
};

const webhookOf = (type: string, { summary, payload }: Webhook, components: Components): Node => ({
  post: {
    operationId: `on_${type.replace('.', '_')}`,
    summary,
    tags: ['Webhooks'],
    security: [],
    parameters: headers,
    requestBody: {
      required: true,
      content: {
        'application/json': {
          schema: {
            allOf: [components.response(payload), { properties: { type: { const: type } } }],
          },
        },
      },
    },
    responses: answers,
  },
});

/** Webhooks of the document: one for each type of notification. The schemas are those of the bodies that are sent. */
export const webhooksOf = (components: Components): Node =>
  Object.fromEntries(
    Object.entries(webhooks).map(([type, webhook]) => [type, webhookOf(type, webhook, components)]),
  );
