import { type AppOptions, createApp } from '../../functions/api/app.ts';
import { createDispatcherHandler } from '../../functions/dispatcher/handler.ts';
import { dispatcherConcurrency, workerPrefetch } from '../../functions/local/background-work.ts';
import { runConsumer } from '../../functions/local/consumer.ts';
import { createWorkClasses } from '../../functions/local/work-classes.ts';
import { createWorkerHandler } from '../../functions/worker/handler.ts';
import { createAuthenticator, createKey } from '../../shared/core/projects/api-keys.ts';
import { getOrCreateProject } from '../../shared/core/projects/projects.ts';
import { createLimiterStore } from '../../shared/core/webhooks/limiter-store.ts';
import type { Permission } from '../../shared/domain/project.ts';
import { createLocalPlatform, type LocalOptions } from '../../shared/platform/local.ts';
import type { FullPlatform } from '../../shared/ports/platform.ts';
import type { Store } from '../../shared/ports/store.ts';
import { plainEmbedder, plainLanguageModel } from './fake-models.ts';

interface Call {
  /** Body; a value other than a string is sent as JSON. */
  body?: unknown;
  headers?: { [name: string]: string };
}

export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: the response is data to examine
  body: any;
}

/** Sends requests such as `POST /v1/turns`. */
export type Client = (request: string, call?: Call) => Promise<Answer>;

/** Whether an answer is JSON Lines or a stream of events, of which the text is the body. */
const isLines = ({ headers }: Response): boolean =>
  /^(?:application\/jsonl|text\/event-stream)/.test(headers.get('content-type') ?? '');

/** Starts the service on an empty database in memory, with models that answer at once, called without a network. */
export const openService = async (
  options: LocalOptions & {
    refines?: boolean;
    store?: Store;
    access?: (platform: FullPlatform) => Partial<AppOptions>;
  } = {},
) => {
  const { refines = true, access, ...others } = options;
  // The index has to know of another store: it takes the sources of its entries from a store in its own database.
  const platform = createLocalPlatform({
    path: ':memory:',
    languageModel: plainLanguageModel,
    embedder: plainEmbedder,
    ...others,
  });
  const limiterStore = createLimiterStore(platform);
  const app = createApp(platform, {
    authenticate: createAuthenticator(platform),
    version: '0.0.0-test',
    corsOrigins: options.corsOrigins ?? [],
    describe: () => ({ parts: 'plain' }),
    limiterStore,
    ...access?.(platform),
  });
  const stop = new AbortController();
  const signals = { stop: stop.signal, cancel: stop.signal };
  const runConsumers = () =>
    Promise.all([
      runConsumer(platform, platform.turns, createWorkerHandler(platform), {
        ...signals,
        concurrency: workerPrefetch,
        classes: createWorkClasses(options.modelConcurrency ?? 8, stop.signal, platform.telemetry),
      }),
      runConsumer(
        platform,
        platform.notifications,
        createDispatcherHandler(platform, limiterStore),
        {
          ...signals,
          concurrency: dispatcherConcurrency,
        },
      ),
    ]);
  let working: Promise<unknown> = refines ? runConsumers() : Promise.resolve();

  const send: Client = async (request, { body, headers = {} } = {}) => {
    const [method = '', path = ''] = request.split(' ');
    const response = await app.request(`http://service.test${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === '' || isLines(response) ? text || undefined : JSON.parse(text),
    };
  };

  const keyOf = async (
    name = 'default',
    permissions: readonly Permission[] = ['read', 'write'],
  ): Promise<string> => {
    const project = await getOrCreateProject(platform, name);
    return (await createKey(platform, project, { name: 'test', permissions })).key;
  };

  /** Creates a caller with a key of its own to the project of that name. */
  const clientOf = async (name?: string, permissions?: readonly Permission[]): Promise<Client> => {
    const key = await keyOf(name, permissions);
    return (request, call = {}) =>
      send(request, { ...call, headers: { authorization: `Token ${key}`, ...call.headers } });
  };

  return {
    platform,
    app,
    send,
    keyOf,
    clientOf,
    client: await clientOf(),
    /** Starts the consumers, which refine turns and send notifications. */
    refine() {
      working = runConsumers();
    },
    async close() {
      stop.abort();
      await working;
      await platform.close();
    },
  };
};
export type TestService = Awaited<ReturnType<typeof openService>>;

export const say = (content: string, user = 'alice') => ({
  messages: [{ role: 'user', content }],
  user_id: user,
});

/** Waits for the final event. */
export const finalEvent = async (client: Client, id: string): Promise<Answer['body']> =>
  (await client(`GET /v1/events/${id}?wait=10`)).body;
