import { resolve } from 'node:path';
import { waitForTask } from '../../shared/core/processing/tasks.ts';
import type { Authenticate } from '../../shared/core/projects/api-keys.ts';
import { getOrCreateProject } from '../../shared/core/projects/projects.ts';
import { RetryableError, TerminalError } from '../../shared/domain/errors.ts';
import { type Project, permissions } from '../../shared/domain/project.ts';
import { readConfig } from '../../shared/platform/config/config.ts';
import {
  closeDataFolder,
  createLocalPlatform,
  type LocalPlatform,
  lockData,
  secretKeyFile,
} from '../../shared/platform/local.ts';
import { createApp } from '../api/app.ts';
import { type BackgroundWork, startBackgroundWork } from '../local/background-work.ts';
import { prepareData } from '../local/prepare-data.ts';
import { rejectLostKey } from '../local/startup-keys.ts';
import { isOptions } from './checked-calls.ts';
import { ConfigurationError, ConnectionError, type ErrorContext } from './errors.ts';
import { type UnknownOption, unknownOption } from './known-options.ts';
import type { LocalMemory, MemoryOptions } from './memory-interface.ts';
import { createOperations } from './operations.ts';
import { wrongProcessingOption } from './processing.ts';
import type { Answer, Send, ServiceRequest } from './transport.ts';

/** Options by the setting that each of them is. */
const settingNames = {
  TURNSTONE_DATA_DIR: 'dataDir',
  TURNSTONE_LOG: 'log',
  OPENAI_API_KEY: 'openai.apiKey',
  OPENAI_BASE_URL: 'openai.baseUrl',
  TURNSTONE_MODEL: 'openai.model',
  TURNSTONE_EMBEDDING_MODEL: 'openai.embeddingModel',
};

const configOf = ({ dataDir, log = 'silent', openai = {} }: MemoryOptions) => {
  const given = {
    TURNSTONE_DATA_DIR: dataDir,
    TURNSTONE_LOG: log,
    OPENAI_API_KEY: openai.apiKey,
    OPENAI_BASE_URL: openai.baseUrl,
    TURNSTONE_MODEL: openai.model,
    TURNSTONE_EMBEDDING_MODEL: openai.embeddingModel,
  };
  const odd = Object.entries(given).find(([, value]) => value != null && typeof value !== 'string');
  if (odd) throw new TerminalError('bad_setting', `${odd[0]} must be a text.`);
  return readConfig(given);
};

/** Returns the first option that cannot be used, if any. */
const wrongOption = (options: MemoryOptions): UnknownOption | undefined => {
  const { openai } = options;
  if (openai !== undefined && !isOptions(openai))
    return { field: 'openai', sentence: 'openai must be an object.' };
  const wrong =
    unknownOption('createMemory', options) ??
    (openai && unknownOption('openai', openai)) ??
    wrongProcessingOption(options);
  if (wrong || !openai) return wrong;
  return openai.apiKey === undefined && openai.baseUrl === undefined
    ? { field: 'openai', sentence: 'openai needs an apiKey or a baseUrl.' }
    : undefined;
};

const misconfigured = ({ field, sentence }: UnknownOption): ConfigurationError =>
  new ConfigurationError('bad_setting', sentence, { operation: 'createMemory' }, { field });

/** Converts an error of the start. The sentences of settings name the options. */
const startError = (cause: unknown): unknown => {
  if (!(cause instanceof TerminalError || cause instanceof RetryableError)) return cause;
  const sentence = Object.entries(settingNames).reduce(
    (text, [setting, option]) => text.replaceAll(setting, option),
    cause.message,
  );
  return new ConfigurationError(cause.code, sentence, { operation: 'createMemory' }, { cause });
};

/** Accepts every caller: requests come from this process alone. */
const acceptAll = (project: Project): Authenticate => {
  const { id, organization } = project;
  const principal = { key: 'in-process', project: id, organization, permissions };
  return Object.assign(async () => principal, { forget: () => {} });
};

/** Resolves with the answer, or rejects as soon as the signal aborts; the request goes on then. */
const orAborted = <T>(answer: Promise<T>, signal: AbortSignal | undefined): Promise<T> => {
  if (!signal) return answer;
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  return Promise.race([answer, promise]).finally(() =>
    signal.removeEventListener('abort', onAbort),
  );
};

type App = ReturnType<typeof createApp>;

const answerOf = async (
  app: App,
  { method, path, body, headers }: ServiceRequest,
  signal: AbortSignal | undefined,
): Promise<Answer> => {
  const response = await app.fetch(
    new Request(`http://in-process${path}`, {
      method,
      headers: {
        authorization: 'Token in-process',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(signal === undefined ? {} : { signal }),
      ...(body === undefined ? {} : { body }),
    }),
  );
  return { status: response.status, body: await response.json() };
};

/** Longest wait of a close for tasks that are followed. */
const taskGraceMs = 30_000;
/** Time for the last answers about tasks that have ended. */
const answerGraceMs = 500;

interface Opened {
  platform: LocalPlatform;
  project: Project;
  app: App;
  work: BackgroundWork;
  unlock: () => void;
}

const run = (
  { platform, project, app, work, unlock }: Opened,
  processing: MemoryOptions,
): LocalMemory => {
  const inProgress = new Set<Promise<unknown>>();
  /** Ids of the tasks that are followed. */
  const tasks = new Set<Promise<string>>();
  let isWaitingForTasks = false;
  const closing = new AbortController();
  let closed: Promise<void> | undefined;

  const closedError = (context: ErrorContext): ConnectionError =>
    new ConnectionError('closed', 'This memory is closed.', context);

  const send: Send = async (request, context) => {
    const isOfTask = isWaitingForTasks && request.path.startsWith('/v1/tasks/');
    if (closed && !isOfTask) throw closedError(context);
    work.onRequest();
    // A wait for an event ends when the memory closes; other requests are short and finish.
    const signal = AbortSignal.any([request.signal ?? [], closing.signal].flat());
    const answer = answerOf(app, request, signal);
    inProgress.add(answer);
    const settled = () => inProgress.delete(answer);
    void answer.then(settled, settled);
    return orAborted(answer, request.signal);
  };

  const waitForTasks = async (): Promise<void> => {
    isWaitingForTasks = true;
    const waits = [...tasks].map(async (started) =>
      waitForTask(platform, project.id, await started, taskGraceMs),
    );
    await Promise.allSettled(waits);
    // The answers to those who follow the tasks.
    await Promise.race([Promise.allSettled(inProgress), platform.clock.sleep(answerGraceMs)]);
    isWaitingForTasks = false;
  };

  const end = async (): Promise<void> => {
    if (tasks.size > 0) await waitForTasks();
    closing.abort();
    const requests = Promise.allSettled(inProgress).then(() => undefined);
    await work.drain(requests, () => {});
    await platform.close();
    unlock();
  };
  const close = (): Promise<void> => {
    closed ??= end();
    return closed;
  };
  const onTask = (started: Promise<string>, ended: Promise<unknown>): void => {
    tasks.add(started);
    const forget = () => tasks.delete(started);
    started.catch(forget);
    ended.then(forget, forget);
  };
  const operations = createOperations(send, { processing, onTask });
  return { ...operations, close, [Symbol.asyncDispose]: close };
};

/**
 * Opens the platform on its folder and starts the background work. See `createMemory`.
 * @throws ConfigurationError; nothing stays open then
 */
export const openMemory = async (options: MemoryOptions): Promise<LocalMemory> => {
  const opened: (() => unknown)[] = [];
  try {
    const wrong = wrongOption(options);
    if (wrong) throw misconfigured(wrong);
    const given = configOf(options);
    const config = { ...given, dataDir: resolve(given.dataDir) };
    closeDataFolder(config);
    const unlock = lockData(config);
    opened.push(unlock);
    const platform = createLocalPlatform(config);
    opened.push(platform.close);
    await rejectLostKey(platform, secretKeyFile(config));
    const project = await getOrCreateProject(platform);
    await prepareData(platform, true);
    const app = createApp(platform, { authenticate: acceptAll(project), version: 'in-process' });
    const work = startBackgroundWork(platform, config);
    // The first use loads the models again and reports a failure.
    void platform.warm().catch(() => undefined);
    return run({ platform, project, app, work, unlock }, options);
  } catch (error) {
    for (const close of opened.reverse()) await close();
    throw startError(error);
  }
};
