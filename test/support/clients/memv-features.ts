import type { Feature } from './feature.ts';

const at = (file: string) => (name: string) => ({ file, name });
const library = at('test/integration/library/processing.test.ts');
const http = at('test/integration/processing/tasks.test.ts');
const settings = at('test/integration/processing/settings.test.ts');
const platforms = at('test/e2e/memv.contract.ts');
const versions = at('test/integration/memories/versions.test.ts');
const memory = at('test/integration/library/memory.test.ts');
const context = at('test/integration/http-context.test.ts');
const examples = at('test/integration/library/examples.test.ts');

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
    feature: '`clear_user`: `deleteAll({ userId })`, `DELETE /v1/users/{id}`',
    note: 'The route also cancels tasks and deletes settings; running work brings nothing back',
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
    feature: '`at_time`, `include_expired`: `atTime`, `includeExpired`',
    note: 'Of `search` and `getAll`, and of searches and lists over HTTP',
    has: true,
    test: memory('a search and a list at a time have what was true then'),
  },
  {
    feature: '`add_message`: `POST /v1/turns` with `auto_process: false`',
    note: 'Counts towards the threshold of other messages',
    has: true,
    test: settings('an add with auto_process false is stored, found and not refined'),
  },
  {
    feature: '`process_messages`: `add(messages)`',
    note: 'The messages are stored as well',
    has: true,
    test: memory('an add resolves with the memories that its refinement made'),
  },
  {
    feature: '`retrieve`: `search`',
    note: 'Without `vector_weight` and episodes',
    has: true,
    test: memory('ids and filters of a search must both match'),
  },
  {
    feature: '`to_prompt`: `GET /v1/context`',
    note: 'Over HTTP only; within a budget of tokens',
    has: true,
    test: context('has what a search finds, within the budget'),
  },
  {
    feature: '`list_knowledge`, `get_knowledge`, `delete_knowledge`: `getAll`, `get`, `delete`',
    note: 'A missing id is `memory_not_found`',
    has: true,
    test: memory('a memory is changed, has a history and is deleted'),
  },
  {
    feature: '`add_knowledge`, `add_knowledge_batch`: `add` with `infer: false`',
    has: true,
    test: memory('texts are kept word for word without inference, at the time they were said'),
  },
  {
    feature: '`invalidate_knowledge`',
    note: 'A later turn that says otherwise ends a memory, and `expirationDate` of `add` on a day',
    has: false,
    test: versions('a search and a list show what is true now'),
  },
  {
    feature: 'MCP server',
    note: 'Clients call the HTTP API, or a program that has the library',
    has: false,
    test: examples('an application serves a memory over routes of its own'),
  },
];
