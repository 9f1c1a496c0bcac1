import { setTimeout as sleep } from 'node:timers/promises';
import type { LocalOptions } from '../../../shared/platform/local.ts';
import type { LanguageModel } from '../../../shared/ports/language-model.ts';
import type { Store } from '../../../shared/ports/store.ts';
import { createRandom, type Random } from '../../../shared/simulation/random.ts';
import { plainLanguageModel } from '../fake-models.ts';
import { type Client, openService } from '../in-memory-service.ts';
import { type Actor, createActor, type SharedState } from './actor.ts';
import { checkGet, checkHistory, checkRun } from './checks.ts';
import { operate, readExport } from './operations.ts';

export interface MixedLoadOptions {
  seed: number;
  seconds: number;
  clients: number;
  /** Whether all clients share one user; each has a run of its own in any case. */
  oneUser: boolean;
}

export interface MixedLoadResult {
  requests: number;
  /** Number of answers by request and status. */
  answers: Map<string, number>;
  findings: string[];
}

/** Answers after 0 to 400 ms, so that requests meet turns in every stage. */
const slowModel = (random: Random): LanguageModel => ({
  ...plainLanguageModel,
  async decide(request, signal) {
    await sleep(random.below(400));
    return plainLanguageModel.decide(request, signal);
  },
});

const waitUntilFinal = async (client: Client): Promise<void> => {
  for (;;) {
    const { body } = await client('GET /v1/events?status=PENDING,RUNNING&page_size=1');
    if (body.count === 0) return;
    await sleep(50);
  }
};

/** Checks all memories of an actor once nothing is under way any more. */
const checkEverything = async (actor: Actor): Promise<void> => {
  await checkRun(actor);
  if (actor.exported !== undefined) await readExport(actor);
  for (const kept of actor.kept.values()) {
    await checkGet(actor, kept);
    await checkHistory(actor, kept);
  }
};

/**
 * Sends random requests of many clients at once to a service with workers, and checks every answer: no 5xx, nothing deleted is
 * seen again, the last acknowledged update of a memory is what is shown, histories are whole. The seed decides what each client
 * does; the interleaving differs from run to run.
 *
 * @param options `path` of the database, or another `store`
 */
export const runMixedLoad = async (
  { seed, seconds, clients, oneUser }: MixedLoadOptions,
  options: LocalOptions & { store?: Store } = {},
): Promise<MixedLoadResult> => {
  const languageModel = slowModel(createRandom(seed));
  const service = await openService({ languageModel, ...options });
  const client = await service.clientOf('default', ['read', 'write', 'admin']);
  const shared: SharedState = { findings: [], answers: new Map(), deleted: new Map() };
  const actors = Array.from({ length: clients }, (_, index) =>
    createActor({
      index,
      user: oneUser ? 'everybody' : `user-${index}`,
      random: createRandom(seed * 1_000 + index),
      send: client,
      shared,
    }),
  );

  const until = performance.now() + seconds * 1_000;
  await Promise.all(
    actors.map(async (actor) => {
      while (performance.now() < until && shared.findings.length < 10) await operate(actor);
    }),
  );
  await waitUntilFinal(client);
  for (const actor of actors) await checkEverything(actor);
  await service.close();

  const requests = [...shared.answers.values()].reduce((sum, count) => sum + count, 0);
  return { requests, answers: shared.answers, findings: shared.findings };
};
