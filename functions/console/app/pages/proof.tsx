import { useEffect, useMemo, useReducer, useRef, useState } from 'preact/hooks';
import { useLoaded } from '../loading.ts';
import { ErrorNote, Facts, Field, Loading } from '../parts.tsx';
import { fragmentOf, parsePlan, seedOf } from '../plan.ts';
import { createPlayer, type Player } from '../player.ts';
import { goTo, place } from '../routing.ts';
import {
  type Action,
  type FaultGroup,
  faultGroups,
  loadSimulation,
  type Plan,
  type Run,
  type RunState,
} from '../simulation.ts';
import { Adds, FoundNow, Invariants, Outcome, Timeline } from './proof-parts.tsx';

const shownEntries = 60;
const speeds = [
  { perSecond: 1, name: 'slow' },
  { perSecond: 4, name: 'medium' },
  { perSecond: 20, name: 'fast' },
] as const;

const groupsInWords: { readonly [group in FaultGroup]: string } = {
  crashes: 'Processes crash',
  database: 'Database refuses, loses answers',
  queue: 'Queue loses messages',
  duplicates: 'Duplicate messages and writes',
  index: 'Index lags behind',
  model: 'Model goes down',
};

const Faults = ({
  faults,
  onToggle,
}: {
  faults: RunState['faults'];
  onToggle: (group: FaultGroup) => void;
}) => (
  <fieldset>
    <legend>Faults</legend>
    {faultGroups.map((group) => (
      <Field key={group} label={`${groupsInWords[group]} (${faults[group].count})`}>
        <input type="checkbox" checked={faults[group].isOn} onChange={() => onToggle(group)} />
      </Field>
    ))}
  </fieldset>
);

/** Chooses another run: a seed, and whether the protocol has a defect. */
const PlanForm = ({ plan, onPlan }: { plan: Plan; onPlan: (plan: Plan) => void }) => {
  const [seed, setSeed] = useState(String(plan.seed));
  const chosen = seedOf(seed);
  const begin = (changes: Partial<Plan>) => onPlan({ ...plan, actions: [], ...changes });
  return (
    <form
      class="filters"
      onSubmit={(submitted) => {
        submitted.preventDefault();
        if (chosen !== undefined) begin({ seed: chosen });
      }}
    >
      <Field label="Seed">
        <input
          inputMode="numeric"
          pattern="[0-9]{1,9}"
          required
          value={seed}
          onInput={({ currentTarget }) => setSeed(currentTarget.value)}
        />
      </Field>
      <div class="actions">
        <button type="submit">Start again</button>
        <button
          type="button"
          onClick={() => begin({ seed: 1 + Math.floor(Math.random() * 99_999) })}
        >
          Another seed
        </button>
      </div>
      <div class="is-switch">
        <Field label="Break the protocol: forget recent writes before the index shows them">
          <input
            type="checkbox"
            checked={plan.isBroken}
            onChange={() => begin({ isBroken: !plan.isBroken })}
          />
        </Field>
      </div>
    </form>
  );
};

const Controls = ({
  player,
  isOver,
  onCrash,
  speed,
  onSpeed,
}: {
  player: Player;
  isOver: boolean;
  onCrash: () => void;
  speed: number;
  onSpeed: (speed: number) => void;
}) => {
  const isMoving = player.mode() === 'playing' || player.mode() === 'running';
  return (
    <div class="actions is-player">
      <button
        type="button"
        class="is-main"
        disabled={isOver}
        onClick={() => player.set(isMoving ? 'paused' : 'playing')}
      >
        {isMoving ? 'Pause' : 'Play'}
      </button>
      <button type="button" disabled={isOver || isMoving} onClick={() => player.set('stepping')}>
        Step
      </button>
      <button type="button" disabled={isOver} onClick={() => player.set('running')}>
        Run to the end
      </button>
      <button type="button" class="is-danger" disabled={isOver} onClick={onCrash}>
        Crash a process
      </button>
      <select
        aria-label="Speed"
        value={speed}
        onChange={({ currentTarget }) => onSpeed(Number(currentTarget.value))}
      >
        {speeds.map(({ perSecond, name }) => (
          <option key={name} value={perSecond}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
};

/** A run that the visitor watches and disturbs. The address follows what was done, so that a link repeats the run. */
const Watched = ({ run, plan }: { run: Run; plan: Plan }) => {
  const [, update] = useReducer((count: number) => count + 1, 0);
  const [speed, setSpeed] = useState<number>(speeds[1].perSecond);
  const [withQuiet, setWithQuiet] = useState(false);
  const pace = useRef(speed);
  pace.current = speed;
  const done = useRef<Action[]>([...plan.actions]);
  const player = useMemo(
    () =>
      createPlayer(
        run,
        () => pace.current,
        () => update(undefined),
      ),
    [run],
  );
  useEffect(() => () => player.set('paused'), [player]);

  const act = (what: Action['what']): void => {
    done.current.push(player.act(what));
    history.replaceState(null, '', fragmentOf({ ...plan, actions: done.current }));
  };
  const state = run.state();
  const isOver = state.phase === 'proved' || state.phase === 'violated';
  return (
    <>
      <Controls
        player={player}
        isOver={isOver}
        onCrash={() => act('crash')}
        speed={speed}
        onSpeed={setSpeed}
      />
      <Faults faults={state.faults} onToggle={act} />
      <Outcome state={state} />
      <div class="cards">
        <FoundNow memories={state.memories} />
        <Adds rows={state.adds} />
      </div>
      <section aria-labelledby="timeline">
        <h2 id="timeline">What the processes did</h2>
        <div class="is-switch">
          <Field label="Show reads and waits too">
            <input
              type="checkbox"
              checked={withQuiet}
              onChange={() => setWithQuiet((before) => !before)}
            />
          </Field>
        </div>
        <Timeline entries={run.newest(shownEntries, withQuiet)} />
      </section>
      <Invariants invariants={state.invariants} />
      <Facts
        facts={[
          ['Step', <span class="step">{state.step}</span>],
          ['Simulated time', `${state.seconds.toFixed(1)} s`],
          ['Digest of all steps', <code class="digest">{state.digest || 'none yet'}</code>],
        ]}
      />
    </>
  );
};

const Intro = () => (
  <>
    <p>
      This page runs the code by which the service stores, refines and finds memories, on a
      simulated database, queue, index and model. Two clients add and edit facts of one user while
      processes crash, messages are lost or doubled, and the index lags behind. After each step a
      search looks for every add that was acknowledged.
    </p>
    <p class="hint">
      The seed decides every step, so a run can be repeated; the address of this page also repeats
      what you did. A fact such as <code>color=a1</code> is a topic with a value that is used once,
      so that a loss would show; <code>color=!</code> takes it back. Nothing here touches the data
      of your project.
    </p>
  </>
);

export const ProofPage = () => {
  const address = place.value.query.toString();
  const [count, setCount] = useState(0);
  const { value: simulation, error } = useLoaded('simulation', loadSimulation);
  const plan = useMemo(() => parsePlan(new URLSearchParams(address)), [address]);
  const run = useMemo(() => simulation?.createRun(plan), [simulation, plan, count]);

  const startPlan = (next: Plan): void => {
    goTo(fragmentOf(next));
    setCount((before) => before + 1);
  };
  return (
    <>
      <Intro />
      <PlanForm key={address} plan={plan} onPlan={startPlan} />
      <ErrorNote error={error} />
      {run ? <Watched key={`${address} ${count}`} run={run} plan={plan} /> : !error && <Loading />}
    </>
  );
};
