import { sweep } from '../core/sweep.ts';
import { createLimiterStore } from '../core/webhooks/limiter-store.ts';
import type { Platform } from '../ports/platform.ts';
import { runClient } from './client.ts';
import type { Client } from './client-run.ts';
import { checkEnd } from './end-checks.ts';
import { topics } from './fact-language.ts';
import { createProcess, type Mutation } from './process.ts';
import { requestAll } from './processing-operations.ts';
import type { Scenario } from './scenario-defaults.ts';
import type { Actor } from './scheduler.ts';
import { createScriptedReceivers, plainSecretBox } from './scripted-receivers.ts';
import {
  createSimulatedService,
  type Observer,
  readAndCheck,
  type SimulatedService,
  user,
} from './simulated-service.ts';
import { createTopicLog } from './topic-log.ts';
import { type Customer, hasEndpoints, runCustomer } from './webhook-customer.ts';
import { type Handlers, runWorker } from './worker-process.ts';

/** Processes of a simulated service that run step by step, in an order that the seed decides. */
export interface Schedule {
  service: SimulatedService;
  clients: readonly Client[];
  /**
   * Runs one step; returns false once the schedule is over. The caller must let every microtask run between two steps: then each
   * process waits for the schedule again.
   */
  advance(): boolean;
  /** Kills a random process of those that may crash; another one takes over. */
  crash(): void;
  /** Whether all processes and all checks ended, so that nothing is left to do. */
  isOver(): boolean;
}

export interface ScheduleParts {
  seed: number;
  scenario: Scenario;
  mutation?: Mutation;
  handlers: Handlers;
  observer?: Observer;
}

const maxSteps = 15_000;
const workerCount = 2;
const sweepIntervalMs = 20_000;
const maxSweeps = 160;
/** Longer than any lease, so that every lease without renewal has expired. */
const maxLeaseMs = 31_000;

const buildClients = ({ scenario }: SimulatedService): Client[] =>
  Array.from({ length: scenario.clients }, (_, index) => ({
    name: 'abc'[index] ?? 'z',
    topics: scenario.shared ? topics.slice(0, 2) : topics.slice(2 * index, 2 * index + 2),
    log: createTopicLog(),
    remaining: scenario.operations,
    uncertainTopics: [],
    turns: [],
    lastTexts: [],
    valueCount: 0,
  }));

/** Two customers, so that their operations on one endpoint race. */
const buildCustomers = ({ scenario }: SimulatedService): Customer[] =>
  scenario.customer
    ? ['x', 'y'].map((name) => ({ name, remaining: scenario.customerOperations, created: 0 }))
    : [];

/** Lists or searches at random times, for the user, a run or the whole project. */
const runReader = async (service: SimulatedService, platform: Platform): Promise<void> => {
  const { random, scenario } = service;
  for (let left = scenario.reads; left > 0; left--) {
    await platform.clock.sleep(random.below(random.chance(0.5) ? 50 : 60_000));
    const owner = random.chance(scenario.runs / 2)
      ? ({ kind: 'run', id: random.pick(['r1', 'r2']) } as const)
      : ({ kind: 'user', id: random.chance(0.1) ? '*' : user } as const);
    try {
      await readAndCheck(service, platform, owner, random.chance(0.6) ? 'search' : 'list');
    } catch {
      // An error is a permitted response under faults.
    }
  }
};

const runSweeper = async (platform: Platform): Promise<void> => {
  for (;;) {
    await platform.clock.sleep(sweepIntervalMs);
    try {
      await sweep(platform);
    } catch {
      // The next sweep retries.
    }
  }
};

/** Without lost hints, all turns are refined without a sweep. */
const checkHints = ({ history, report }: SimulatedService): void => {
  for (const { turn } of history.turns.values())
    if (turn.state === 'pending')
      report(`turn ${turn.id} is still pending although every hint arrived`);
};

/** Stops faults, then sweeps until no item is due and every lease has expired. */
const settle = async (service: SimulatedService, actor: Actor): Promise<void> => {
  const { scheduler, table, turns, notifications, busyWorkers, faults } = service;
  faults.stop();
  const isBusy = () => [...busyWorkers].some(({ dead }) => !dead);
  const platform = createProcess(service, actor);
  // Delayed hints of one turn may follow each other until a sweep finds the work of a hint that was lost.
  const waitUntilIdle = async (): Promise<void> => {
    while (isBusy() || turns.isReady() || notifications.isReady()) await platform.clock.sleep(500);
  };
  if (!service.scenario.sweeper) {
    while (isBusy() || turns.size() > 0 || notifications.size() > 0)
      await platform.clock.sleep(500);
    checkHints(service);
  }
  for (let sweeps = 0; sweeps < maxSweeps; sweeps++) {
    await waitUntilIdle();
    const [next] = table.due({ until: Number.POSITIVE_INFINITY, limit: 1 });
    if (!next) {
      await platform.clock.sleep(maxLeaseMs);
      // A worker may have taken a delayed hint just now, and have leased its scope.
      if (!isBusy()) return;
      continue;
    }
    await platform.clock.sleep(Math.max(1_000, next.dueAt - scheduler.now()));
    await sweep(platform);
  }
  const [next] = table.due({ until: Number.POSITIVE_INFINITY, limit: 1 });
  service.report(
    `the service does not settle: ${next?.key.pk} ${next?.key.sk} is due again and again`,
  );
};

/**
 * Makes one schedule (deterministic simulation testing): the same seed, scenario and mutation yield the same steps and the same
 * violations.
 */
export const createSchedule = (parts: ScheduleParts): Schedule => {
  const { seed, scenario, mutation = {}, handlers, observer = {} } = parts;
  const service = createSimulatedService(seed, scenario, mutation, observer);
  const { scheduler, faults, random, violations } = service;
  const crashableActors: { actor: Actor; restart: () => void }[] = [];
  const completions: Promise<void>[] = [];
  let isOver = false;

  const start = (name: string, run: (actor: Actor) => Promise<void>): void => {
    const actor = scheduler.actor(name);
    crashableActors.push({ actor, restart: () => start(name, run) });
    run(actor).catch((error: unknown) => service.reportBug(String(error)));
  };

  const crash = (): void => {
    const at = random.below(crashableActors.length);
    const [victim] = crashableActors.splice(at, 1);
    if (!victim) return;
    scheduler.crash(victim.actor);
    victim.restart();
  };

  for (let index = 0; index < workerCount; index++)
    start(`worker ${index + 1}`, (actor) => runWorker(service, actor, handlers));
  const clients = buildClients(service);
  for (const client of clients)
    completions.push(
      new Promise((resolve) => {
        start(`client ${client.name}`, async (actor) => {
          if (scenario.customer && !scenario.firstEndpoint)
            await scheduler.until(actor, 'waits for endpoints', () => hasEndpoints(service));
          await runClient({ service, platform: createProcess(service, actor), client });
          // After a crash, the restarted actor resolves instead.
          if (!actor.dead) resolve();
        });
      }),
    );
  for (const customer of buildCustomers(service))
    completions.push(
      new Promise((resolve) => {
        start(`customer ${customer.name}`, async (actor) => {
          const webhookClient = createScriptedReceivers(service, actor);
          const process = createProcess(service, actor);
          const limiterStore = createLimiterStore(process);
          const platform = { ...process, webhookClient, secretBox: plainSecretBox, limiterStore };
          await runCustomer({ service, platform, customer });
          if (!actor.dead) resolve();
        });
      }),
    );
  for (let index = 0; index < scenario.readers; index++)
    completions.push(
      runReader(service, createProcess(service, scheduler.actor(`reader ${index + 1}`))),
    );
  const sweeper = scheduler.actor('sweeper');
  if (scenario.sweeper) runSweeper(createProcess(service, sweeper)).catch(service.reportBug);

  const finish = async (): Promise<void> => {
    await Promise.all(completions);
    scheduler.crash(sweeper);
    const actor = scheduler.actor('settler');
    await settle(service, actor);
    const platform = createProcess(service, actor);
    if (scenario.holds > 0) {
      service.processing.checkWaiting();
      await requestAll(service, platform, true);
      await settle(service, actor);
    }
    const views = await readAndCheck(service, platform, { kind: 'user', id: user }, 'list');
    service.checkContext.during('end', () => checkEnd(service, clients, views));
    await readAndCheck(service, platform, { kind: 'user', id: user }, 'search');
    isOver = true;
  };
  finish().catch((error: unknown) => service.reportBug(String(error)));

  const reportMissingEnd = (): void => {
    if (isOver || violations.length > 0) return;
    violations.push(
      scheduler.step() >= maxSteps ? `no end after ${maxSteps} steps` : 'deadlock: no task can run',
    );
  };

  return {
    service,
    clients,
    advance() {
      const mayGoOn = !isOver && violations.length === 0 && scheduler.step() < maxSteps;
      if (mayGoOn && scheduler.advance()) {
        if (faults.happens('crash')) crash();
        return true;
      }
      reportMissingEnd();
      return false;
    },
    crash,
    isOver: () => isOver,
  };
};
