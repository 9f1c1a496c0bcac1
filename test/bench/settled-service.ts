import { setTimeout as after } from 'node:timers/promises';
import { z } from 'zod';
import { sweep } from '../../shared/core/sweep.ts';
import { readConfig } from '../../shared/platform/config/config.ts';
import { localTelemetry } from '../../shared/platform/local.ts';
import { createModels } from '../../shared/platform/models.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { Embedder } from '../../shared/ports/embedder.ts';
import type { LanguageModel } from '../../shared/ports/language-model.ts';
import { dueItems } from '../support/due-items.ts';
import { openService } from '../support/in-memory-service.ts';
import { createJumpClock } from '../support/jump-clock.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { keepVectors } from './vector-cache.ts';

const minuteMs = 61_000;
/** Minutes after which a turn has left the direct reads and a rough one is indexed. */
const settlingMinutes = 4;
/** More than the turns of a benchmark. */
const maxDue = 10_000;

const Found = z.object({
  results: z.array(
    z.object({
      id: z.string(),
      memory: z.string(),
      score: z.number(),
      metadata: z.record(z.string(), z.unknown()).nullable(),
      recent: z.boolean().optional(),
      source: z.object({ id: z.string() }).optional(),
    }),
  ),
});

const Context = z.object({
  memories: z.array(z.object({ id: z.string() })),
});

const ListPage = z.object({
  results: z.array(
    z.object({
      id: z.string(),
      memory: z.string(),
      metadata: z.record(z.string(), z.unknown()).nullable(),
    }),
  ),
});
const pageSize = 100;

export type Listed = z.output<typeof ListPage>['results'][number];
export type Result = z.output<typeof Found>['results'][number];

/** Wraps a model that can be made unavailable, as during an outage. */
const withPause = (model: LanguageModel) => {
  let isPaused = false;
  const message = 'The benchmark paused the model.';
  const pausable: LanguageModel = {
    ...model,
    probe: async (signal) =>
      isPaused ? { ok: false, code: 'model_paused', message } : model.probe(signal),
    decide: async (request, signal) =>
      isPaused
        ? {
            ok: false,
            code: 'model_paused',
            message,
            retryable: true,
            about: 'service',
            usage: { prompt: 0, completion: 0 },
          }
        : model.decide(request, signal),
  };
  return {
    pausable,
    isPaused: () => isPaused,
    pause(paused: boolean): void {
      isPaused = paused;
    },
  };
};

/** Wraps an embedder so that a file keeps its vectors. */
const withFile = async (embedder: Embedder, file: string): Promise<Embedder> => ({
  model: embedder.model,
  embed: await keepVectors(embedder, file),
});

/**
 * Opens the service in a fresh folder, with the embedded models and a clock that can be advanced, so that turns settle at
 * once. Requests go through the HTTP app.
 * @param vectors file that keeps embeddings for later runs
 * @param partsOf returns parts of the platform to use instead of the local ones
 */
export const openSettledService = async (
  vectors?: string,
  partsOf: (clock: Clock) => Parameters<typeof openService>[0] = () => ({}),
) => {
  const folder = temporaryFolder();
  const clock = createJumpClock();
  const config = readConfig({});
  const models = createModels(config, clock, localTelemetry({ log: 'silent' }, clock));
  const { pausable, pause, isPaused } = withPause(models.languageModel);
  await models.warm();
  const service = await openService({
    path: folder.file('turnstone.db'),
    clock,
    embedder: vectors === undefined ? models.embedder : await withFile(models.embedder, vectors),
    languageModel: pausable,
    ...partsOf(clock),
  });
  const { platform, client } = service;

  const post = async (path: string, body: object): Promise<unknown> => {
    const answer = await client(`POST ${path}`, { body });
    if (answer.status >= 300) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };

  const hasWork = async (): Promise<boolean> => {
    const due = await dueItems(platform.store, { until: clock.now(), limit: maxDue });
    return due.some(({ key }) => key.kind !== 'PEND' || !isPaused());
  };

  /** Sweeps until nothing is due. Turns that wait for the paused model stay due. */
  const drain = async (): Promise<void> => {
    while (await hasWork()) {
      await sweep(platform);
      await after(50);
    }
  };

  return {
    platform,
    /** Makes the language model unavailable, or available again. */
    pause,
    /** Adds a turn. Resolves with its event. */
    async add(body: object): Promise<string> {
      return z.object({ event_id: z.string() }).parse(await post('/v3/memories/add', body))
        .event_id;
    },
    /** Searches the memories of one user. */
    async search(query: string, user: string, options: object = {}): Promise<Result[]> {
      const body = { query, filters: { user_id: user }, ...options };
      return Found.parse(await post('/v3/memories/search', body)).results;
    },
    /** Resolves with the memories of the context that an agent gets within a budget of tokens. */
    async context(query: string, user: string, budget: number) {
      const parameters = new URLSearchParams({ query, user_id: user, budget: String(budget) });
      const { status, body } = await client(`GET /v1/context?${parameters}`);
      if (status !== 200) throw new Error(`/v1/context: ${JSON.stringify(body)}`);
      return Context.parse(body);
    },
    /** Resolves with the current refined memories of one user, newest first. */
    async list(user: string): Promise<Listed[]> {
      const body = { filters: { user_id: user }, include_rough: false };
      const all: Listed[] = [];
      for (let page = 1; ; page++) {
        const path = `/v3/memories?page_size=${pageSize}&page=${page}`;
        const { results } = ListPage.parse(await post(path, body));
        all.push(...results);
        if (results.length < pageSize) return all;
      }
    },
    /** Advances the clock until all work is done and all reads come from the index. */
    async settle(): Promise<void> {
      await drain();
      for (let minutes = 0; minutes < settlingMinutes; minutes++) {
        clock.jump(minuteMs);
        await drain();
      }
    },
    /** Advances the clock without waiting. */
    jump: clock.jump,
    /** Throws unless every event has succeeded. Resolves with their turns. */
    async requireSuccess(events: readonly string[]): Promise<string[]> {
      const turns: string[] = [];
      for (const id of events) {
        const { status, turn_id: turn } = (await client(`GET /v1/events/${id}`)).body;
        if (status !== 'SUCCEEDED') throw new Error(`an event is ${status}`);
        turns.push(String(turn));
      }
      return turns;
    },
    async close(): Promise<void> {
      await service.close();
      await models.close();
      folder.remove();
    },
  };
};
export type SettledService = Awaited<ReturnType<typeof openSettledService>>;
