import type { MemoryView } from '../../../shared/domain/memory/memory.ts';
import { sha256 } from '../../../shared/domain/sha256.ts';
import { removePointersAtApply } from '../../../shared/simulation/defect.ts';
import type { FaultKind } from '../../../shared/simulation/faults.ts';
import { createInstantReader } from '../../../shared/simulation/instant-reader.ts';
import type { ReadRecord } from '../../../shared/simulation/read-checks.ts';
import { createSchedule } from '../../../shared/simulation/schedule.ts';
import type { Observer } from '../../../shared/simulation/simulated-service.ts';
import { createDispatcherHandler } from '../../dispatcher/handler.ts';
import { createWorkerHandler } from '../../worker/handler.ts';
import type { Action, FaultGroup, Plan, Run, RunState } from '../app/simulation.ts';
import { faultGroups } from '../app/simulation.ts';
import { acknowledgedAddsOf, textOfAdd } from './acknowledged-adds.ts';
import { createInvariants } from './invariants.ts';
import { createTimeline } from './timeline.ts';
import { kindsOfGroup, visitorScenario } from './visitor-scenario.ts';

/** Runs a task after every microtask. A message to oneself is not slowed down as timers are. */
const afterMicrotasks = (): Promise<void> =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener('message', () => {
      port1.close();
      resolve();
    });
    port1.start();
    port2.postMessage(undefined);
  });

const kindOf = ({ rough, message }: MemoryView) =>
  rough ? 'rough' : message ? 'message' : 'refined';

/** Starts a run of the simulation that a visitor watches. */
export const createRun = (plan: Plan): Run => {
  const timeline = createTimeline();
  const invariants = createInvariants();
  const groupsOff = new Set<FaultGroup>();
  const observer: Observer = {
    step: timeline.step,
    wrote: timeline.wrote,
    fault: timeline.fault,
    checked: invariants.checked,
    violated: invariants.violated,
  };
  const schedule = createSchedule({
    seed: plan.seed,
    scenario: visitorScenario,
    mutation: plan.isBroken ? removePointersAtApply : {},
    handlers: { turns: createWorkerHandler, notifications: createDispatcherHandler },
    observer,
  });
  const { service } = schedule;
  const { scheduler, faults, history } = service;
  const readNow = createInstantReader(service);
  const asked: Action[] = [...plan.actions];
  let memories: ReadRecord['views'] = [];
  let digest = '';
  let hashed = 0;
  const acknowledged = new Map<string, number>();
  const startedAt = scheduler.now();
  let isOver = false;

  const doAction = (what: Action['what']): void => {
    timeline.act(scheduler.step(), what, what === 'crash' || groupsOff.has(what));
    if (what === 'crash') {
      schedule.crash();
      faults.note('crash');
      return;
    }
    faults.permit(kindsOfGroup[what], groupsOff.has(what));
    if (!groupsOff.delete(what)) groupsOff.add(what);
  };

  const doActions = (): void => {
    for (const { step, what } of asked) if (step === scheduler.step()) doAction(what);
  };

  /** Extends the digest by the steps since the last one. */
  const hashSteps = (): void => {
    for (const text of timeline.raw.slice(hashed)) digest = sha256(`${digest}\n${text}`, 'hex');
    hashed = timeline.raw.length;
  };

  const phaseOf = (): RunState['phase'] => {
    if (service.violations.length > 0) return 'violated';
    if (isOver) return 'proved';
    return faults.areStopped() ? 'settling' : 'running';
  };

  const countOf = (kinds: readonly FaultKind[]): number =>
    kinds.reduce((sum, kind) => sum + (faults.counts.get(kind) ?? 0), 0);

  /** Adds the acknowledgements that came since the last step to the timeline. */
  const noteAcknowledged = (): void => {
    for (const { name, turns } of schedule.clients) {
      const known = acknowledged.get(name) ?? 0;
      for (const turn of turns.slice(known)) {
        const facts = history.turns.get(turn);
        if (facts) timeline.acknowledged(scheduler.step(), name, textOfAdd(facts));
      }
      acknowledged.set(name, turns.length);
    }
  };

  const faultsInGroups = () =>
    Object.fromEntries(
      faultGroups.map((group) => [
        group,
        { isOn: !groupsOff.has(group), count: countOf(kindsOfGroup[group]) },
      ]),
    ) as RunState['faults'];

  return {
    async advance() {
      if (isOver) return false;
      doActions();
      isOver = !schedule.advance();
      await afterMicrotasks();
      noteAcknowledged();
      hashSteps();
      memories = await readNow();
      isOver ||= service.violations.length > 0;
      return !isOver;
    },
    act(what) {
      const action = { step: scheduler.step(), what };
      asked.push(action);
      return action;
    },
    state: () => ({
      step: scheduler.step(),
      seconds: (scheduler.now() - startedAt) / 1_000,
      digest,
      memories: memories.map((view) => ({ id: view.id, text: view.text, kind: kindOf(view) })),
      adds: acknowledgedAddsOf(history, schedule.clients, memories),
      invariants: invariants.state(),
      faults: faultsInGroups(),
      phase: phaseOf(),
    }),
    newest: timeline.newest,
    loudEntries: timeline.loudEntries,
  };
};
