import { Duration } from 'aws-cdk-lib';
import type { FunctionName } from './bundle.ts';

interface FunctionSize {
  memorySize: number;
  timeout: Duration;
  description: string;
}

/** Memory and timeout of each function. */
export const functionSizes: { readonly [name in FunctionName]: FunctionSize } = {
  api: {
    // Lambda gives CPU in proportion to memory; callers wait for a cold start.
    memorySize: 1_024,
    // The HTTP API times out after 30 s; a request waits at most 25 s for its result.
    timeout: Duration.seconds(29),
    description: 'Answers HTTP requests',
  },
  worker: {
    // An invocation handles ten hints at a time and mostly waits for the model.
    memorySize: 512,
    // Starts turns for 70 s; the last model call has the remaining 50 s.
    timeout: Duration.seconds(120),
    description: 'Refines turns into memories and keeps the index',
  },
  dispatcher: {
    memorySize: 512,
    // Starts attempts for 45 s; an attempt takes at most 30 s.
    timeout: Duration.seconds(90),
    description: 'Posts webhooks',
  },
  sweeper: {
    memorySize: 512,
    timeout: Duration.seconds(50),
    description: 'Hints at what is due, each minute',
  },
};
