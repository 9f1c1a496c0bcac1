import type { Example } from './example.ts';
import { mem0Examples } from './examples-mem0.ts';
import { memosExamples } from './examples-memos.ts';
import { nativeExamples } from './examples-native.ts';
import { webhookExamples } from './examples-webhooks.ts';

/** At least one valid request of every route. */
export const examples: readonly Example[] = [
  ...nativeExamples,
  ...webhookExamples,
  ...mem0Examples,
  ...memosExamples,
];
