import { Duration } from 'aws-cdk-lib';
import type { FunctionName } from './bundle.ts';

interface Shape {
  memorySize: number;
  timeout: Duration;
  description: string;
}

/** What each function is given. */
export const functionSizes: { readonly [name in FunctionName]: Shape } = {
  api: {
    // Memory is processor time too, and callers wait for its start.
    memorySize: 1_024,
    // The HTTP API gives up after 30 s; a waiting answer takes 25 s at most.
    timeout: Duration.seconds(29),
    description: 'Answers HTTP requests',
  },
  worker: {
    // Mostly it waits for the model, for ten hints at a time.
    memorySize: 512,
    // Begins turns for 70 s and leaves 50 s for the last model call.
    timeout: Duration.seconds(120),
    description: 'Refines turns into memories and keeps the index',
  },
  dispatcher: {
    memorySize: 512,
    // Begins attempts for 45 s; one takes 30 s at most.
    timeout: Duration.seconds(90),
    description: 'Posts webhooks',
  },
  sweeper: {
    memorySize: 512,
    timeout: Duration.seconds(50),
    description: 'Hints at what is due, each minute',
  },
};
