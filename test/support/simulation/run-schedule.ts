import { sweep } from '../../../shared/core/sweep.ts';
import { createLimiterStore } from '../../../shared/core/webhooks/limiter-store.ts';
import type { Platform } from '../../../shared/ports/platform.ts';
import { plainSecretBox } from '../fake-dispatch.ts';
import { type Client, serve } from './client.ts';
import { checkEnd } from './end-checks.ts';
import { slots } from './fact-language.ts';
import type { FaultKind } from './faults.ts';
import { createProcess, type Mutation } from './process.ts';
import type { Scenario } from './scenario.ts';
import type { Actor } from './scheduler.ts';
import { createScriptedReceivers } from './scripted-receivers.ts';
import { createSimulatedService, read, type SimulatedService, user } from './simulated-service.ts';
import { createSlotLog } from './slot-log.ts';
import { type Customer, hasEndpoints, serveCustomer } from './webhook-customer.ts';
import { runWorker } from './worker-process.ts';

export interface Outcome {
  seed: number;
  scenario: string;
  steps: number;
  faults: ReadonlyMap<FaultKind, number>;
  /** The first things found wrong; none: all held. */
  complaints: readonly string[];
  /** What happened last. */
  trace: readonly string[];
}

const maxSteps = 15_000;
const workers = 2;
const sweepMs = 20_000;
const rounds = 80;
/** By then nobody alive holds a lease that it did not renew. */
const leasesRunOutMs = 31_000;

const clientsOf = ({ scenario }: SimulatedService): Client[] =>
  Array.from({ length: scenario.clients }, (_, index) => ({
    name: 'abc'[index] ?? 'z',
    slots: scenario.shared ? slots.slice(0, 2) : slots.slice(2 * index, 2 * index + 2),
    log: createSlotLog(),
    left: scenario.operations,
    doubt: [],
    turns: [],
    said: [],
    values: 0,
  }));

/** Two of them, so that they meet at an endpoint. */
const customersOf = ({ scenario }: SimulatedService): Customer[] =>
  scenario.customer
    ? ['x', 'y'].map((name) => ({ name, left: scenario.customerOperations, made: 0 }))
    : [];

/** Reads one way or the other, now and then under a run or the whole project. */
const runReader = async (service: SimulatedService, platform: Platform): Promise<void> => {
  const { random, scenario } = service;
  for (let left = scenario.reads; left > 0; left--) {
    await platform.clock.sleep(random.below(random.chance(0.5) ? 50 : 60_000));
    const owner = random.chance(scenario.runs / 2)
      ? ({ kind: 'run', id: random.pick(['r1', 'r2']) } as const)
      : ({ kind: 'user', id: random.chance(0.1) ? '*' : user } as const);
    try {
      await read(service, platform, owner, random.chance(0.6) ? 'search' : 'list');
    } catch {
      // A read that fails shows nothing wrong.
    }
  }
};

const runSweeper = async (platform: Platform): Promise<void> => {
  for (;;) {
    await platform.clock.sleep(sweepMs);
    try {
      await sweep(platform);
    } catch {
      // The next sweep finds what this one did not.
    }
  }
};

/** No hint was lost, so nobody had to sweep. */
const checkHints = ({ history, complain }: SimulatedService): void => {
  for (const { turn } of history.turns.values())
    if (turn.state === 'pending') complain(`turn ${turn.id} waits although every hint arrived`);
};

/** Without faults and with all the time it takes: until nothing is due. */
const settle = async (service: SimulatedService, actor: Actor): Promise<void> => {
  const { scheduler, table, turns, notifications, busy, faults } = service;
  faults.stop();
  const isBusy = () => [...busy].some(({ dead }) => !dead);
  const platform = createProcess(service, actor);
  const quiet = async (): Promise<void> => {
    while (isBusy() || turns.size() > 0 || notifications.size() > 0)
      await platform.clock.sleep(500);
  };
  await quiet();
  if (!service.scenario.sweeper) checkHints(service);
  for (let round = 0; round < rounds; round++) {
    await quiet();
    const [next] = table.due(Number.POSITIVE_INFINITY, 1);
    if (!next) return platform.clock.sleep(leasesRunOutMs);
    await platform.clock.sleep(Math.max(1_000, next.dueAt - scheduler.now()));
    await sweep(platform);
  }
  const [next] = table.due(Number.POSITIVE_INFINITY, 1);
  service.complain(`it never settles: ${next?.key.pk} ${next?.key.sk} is due again and again`);
};

/** One schedule: the same seed, scenario and mutation play the same every time. */
export const runSchedule = async (
  seed: number,
  scenario: Scenario,
  mutation: Mutation = {},
): Promise<Outcome> => {
  const service = createSimulatedService(seed, scenario, mutation);
  const { scheduler, faults, random, complaints } = service;
  const crashable: { actor: Actor; restart: () => void }[] = [];
  const ended: Promise<void>[] = [];
  let over = false;

  const start = (name: string, run: (actor: Actor) => Promise<void>): void => {
    const actor = scheduler.actor(name);
    crashable.push({ actor, restart: () => start(name, run) });
    run(actor).catch((error: unknown) => service.bug(String(error)));
  };

  const crashSomeone = (): void => {
    if (!faults.happens('crash')) return;
    const at = random.below(crashable.length);
    const [victim] = crashable.splice(at, 1);
    if (!victim) return;
    scheduler.crash(victim.actor);
    victim.restart();
  };

  for (let index = 0; index < workers; index++)
    start(`worker ${index + 1}`, (actor) => runWorker(service, actor));
  const clients = clientsOf(service);
  for (const client of clients)
    ended.push(
      new Promise((resolve) => {
        start(`client ${client.name}`, async (actor) => {
          if (scenario.customer)
            await scheduler.until(actor, 'waits for endpoints', () => hasEndpoints(service));
          await serve({ service, platform: createProcess(service, actor), client });
          // One that crashed begins again: it has not ended.
          if (!actor.dead) resolve();
        });
      }),
    );
  for (const customer of customersOf(service))
    ended.push(
      new Promise((resolve) => {
        start(`customer ${customer.name}`, async (actor) => {
          const outbound = createScriptedReceivers(service, actor);
          const process = createProcess(service, actor);
          const limiterStore = createLimiterStore(process);
          const platform = { ...process, outbound, secretBox: plainSecretBox, limiterStore };
          await serveCustomer({ service, platform, customer });
          if (!actor.dead) resolve();
        });
      }),
    );
  for (let index = 0; index < scenario.readers; index++)
    ended.push(runReader(service, createProcess(service, scheduler.actor(`reader ${index + 1}`))));
  const sweeper = scheduler.actor('sweeper');
  if (scenario.sweeper) runSweeper(createProcess(service, sweeper)).catch(service.bug);

  const direct = async (): Promise<void> => {
    await Promise.all(ended);
    scheduler.crash(sweeper);
    const actor = scheduler.actor('director');
    await settle(service, actor);
    const platform = createProcess(service, actor);
    const views = await read(service, platform, { kind: 'user', id: user }, 'list');
    checkEnd(service, clients, views);
    await read(service, platform, { kind: 'user', id: user }, 'search');
    over = true;
  };
  direct().catch((error: unknown) => service.bug(String(error)));

  await scheduler.run(
    () => over || complaints.length > 0 || scheduler.step() >= maxSteps,
    crashSomeone,
  );
  if (!over && complaints.length === 0)
    complaints.push(
      scheduler.step() >= maxSteps ? 'it goes round in circles' : 'it came to a stop',
    );
  return {
    seed,
    scenario: scenario.name,
    steps: scheduler.step(),
    faults: faults.counts,
    complaints: complaints.slice(0, 5),
    trace: scheduler.trace(),
  };
};
