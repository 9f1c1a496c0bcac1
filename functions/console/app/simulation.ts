/** Faults that a visitor turns on and off, in groups. */
export type FaultGroup = 'crashes' | 'database' | 'queue' | 'duplicates' | 'index' | 'model';

export const faultGroups: readonly FaultGroup[] = [
  'crashes',
  'database',
  'queue',
  'duplicates',
  'index',
  'model',
];

/** Action of a visitor before a step: a crash, or a group of faults that is turned on or off. */
export interface Action {
  step: number;
  what: FaultGroup | 'crash';
}

/** All that decides a run: the same plan yields the same steps in every browser, and in Node.js. */
export interface Plan {
  seed: number;
  actions: readonly Action[];
  /** Whether the protocol has a defect, so that the checks have something to find. */
  isBroken: boolean;
}

export interface TimelineEntry {
  /** Number of the entry, from 0 up. */
  id: number;
  step: number;
  seconds: number;
  process: string;
  /** `quiet`: reads and waits. */
  kind: 'quiet' | 'write' | 'call' | 'answer' | 'fault' | 'crash' | 'action';
  text: string;
}

/** Memory that a search of the user finds now. */
export interface ShownMemory {
  id: string;
  text: string;
  kind: 'rough' | 'refined' | 'message';
}

/** An acknowledged add, and how it is found now. */
export interface AcknowledgedAdd {
  id: string;
  client: string;
  text: string;
  /** Step of the acknowledgement. */
  step: number;
  state: 'rough' | 'refined' | 'known' | 'replaced' | 'deleted' | 'lost';
  /** Texts by which a search finds it now. */
  found: readonly string[];
}

export interface CheckedInvariant {
  name: string;
  /** Number of checks so far. */
  checks: number;
  violations: readonly string[];
}

/** State of a run between two steps. */
export interface RunState {
  step: number;
  /** Simulated time since the start. */
  seconds: number;
  /** `settling`: the clients are done and no more faults happen. */
  phase: 'running' | 'settling' | 'proved' | 'violated';
  /** Digest of all steps so far. */
  digest: string;
  memories: readonly ShownMemory[];
  adds: readonly AcknowledgedAdd[];
  invariants: readonly CheckedInvariant[];
  faults: { readonly [group in FaultGroup]: { isOn: boolean; count: number } };
}

export interface Run {
  /** Runs one step and checks what a reader sees after it. Returns whether the run goes on. */
  advance(): Promise<boolean>;
  /** Does what the visitor asks for before the next step, and returns it as part of the plan. */
  act(what: Action['what']): Action;
  state(): RunState;
  /** Newest entries, the newest first. */
  newest(limit: number, withQuiet: boolean): readonly TimelineEntry[];
  /** Number of entries that are not quiet. */
  loudEntries(): number;
}

interface Simulation {
  createRun(plan: Plan): Run;
}

/** Loads the simulation, which is a file of its own: it holds the protocol of the service. */
export const loadSimulation = async (): Promise<Simulation> => {
  const address = '/console/proof.js';
  const { load }: { load(): Promise<Simulation> } = await import(address);
  const simulation = await load();
  // The last modules have run in this task; a run begins in the next one.
  await new Promise((resolve) => setTimeout(resolve));
  return simulation;
};
