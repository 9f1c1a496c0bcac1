import type { Feature } from './feature.ts';

const at = (file: string) => (name: string) => ({ file, name });
const library = at('test/integration/library/processing.test.ts');
const http = at('test/integration/processing/tasks.test.ts');
const settings = at('test/integration/processing/settings.test.ts');
const platforms = at('test/e2e/memv.contract.ts');
const versions = at('test/integration/memories/versions.test.ts');

const user = '/v1/users/{id}';

/** Features of memv that concern processing, and their routes here. */
export const memvFeatures: readonly Feature[] = [
  {
    feature: '`add_exchange`: `addExchange(userId, user, assistant)`',
    note: 'Found at once, before it is processed',
    has: true,
    test: library('exchanges wait until they are processed, and are found at once'),
  },
  {
    feature: '`process`: `process(userId)`, `POST /v1/users/{id}/process?wait=`',
    routes: [`POST ${user}/process`],
    has: true,
    test: platforms('exchanges wait and are found until a request refines and counts them'),
  },
  {
    feature: '`process_async`: `processAsync(userId)`, `POST /v1/users/{id}/process`',
    note: 'A `ProcessTask` with status, count, error and `wait()`',
    has: true,
    test: library('a task in the background starts as pending and is completed with its count'),
  },
  {
    feature: 'Tasks by id and by user',
    note: 'They survive a restart',
    routes: ['GET /v1/tasks/{id}', `GET ${user}/tasks`],
    has: true,
    test: http('tasks of a user are listed, newest first, by pages'),
  },
  {
    feature: '`auto_process`, `batch_threshold`',
    note: 'Per project, per user and per add',
    routes: [`GET ${user}/settings`, `PUT ${user}/settings`],
    has: true,
    test: settings('settings of a user replace those of the project one by one'),
  },
  {
    feature: 'Five exchanges reach a threshold of ten messages',
    note: 'Whichever way messages are added',
    has: true,
    test: platforms(
      'five exchanges reach the threshold of ten messages and are refined by themselves',
    ),
  },
  {
    feature: '`flush`: `flush(userId)`, `POST /v1/users/{id}/flush`',
    note: 'Covers what was accepted before, also behind a running task',
    routes: [`POST ${user}/flush`],
    has: true,
    test: http('a flush behind a running task covers what was accepted since'),
  },
  {
    feature:
      '`wait_for_processing`: `waitForProcessing(userId, { timeout })`, `POST /v1/users/{id}/wait`',
    note: 'A timeout cancels nothing',
    routes: [`POST ${user}/wait`],
    has: true,
    test: platforms('a wait that times out rejects with TimeoutError, and the work goes on'),
  },
  {
    feature: 'Cancellation of a task',
    routes: ['POST /v1/tasks/{id}/cancel'],
    has: true,
    test: platforms(
      'a task that is cancelled before its end is done, and its exchanges are refined later',
    ),
  },
  {
    feature: 'Webhooks `task.succeeded`, `task.failed`',
    has: true,
    test: platforms('a task in the background is looked up, listed and announced to an endpoint'),
  },
  {
    feature: 'A failed run is an error, not a count of 0',
    has: true,
    test: library('a failed task rejects wait, flush and process with the reason'),
  },
  {
    feature: '`clear_user`: `DELETE /v1/users/{id}`',
    note: 'Ends tasks and fences running work',
    routes: [`DELETE ${user}`],
    has: true,
    test: http('work under way brings nothing back, and its task is cancelled'),
  },
  {
    feature: '`async with Memory()`: `await using`',
    note: 'Waits for running work and flushes nothing',
    has: true,
    test: library('the end of a memory waits for tasks that run, and flushes nothing'),
  },
  {
    feature: '`RuntimeError` without a language model',
    note: 'The embedded rules process instead',
    has: false,
    test: library('process resolves with the number of memories that were learnt'),
  },
  {
    feature: '`at_time`, `include_expired`',
    has: true,
    test: versions('include_expired shows all that ever was true'),
  },
];
