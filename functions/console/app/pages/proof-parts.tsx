import { Empty } from '../parts.tsx';
import type {
  AcknowledgedAdd,
  CheckedInvariant,
  RunState,
  ShownMemory,
  TimelineEntry,
} from '../simulation.ts';

const kindsInWords = {
  rough: { word: 'as said', style: 'rough' },
  refined: { word: 'refined', style: 'refined' },
  message: { word: 'message', style: 'plain' },
} as const;

/** Memories that a search of the user finds between two steps. */
export const FoundNow = ({ memories }: { memories: readonly ShownMemory[] }) => (
  <section class="card" aria-labelledby="found">
    <h2 id="found">What a search finds now</h2>
    {memories.length === 0 && <Empty>Nothing yet.</Empty>}
    <ul class="plain found">
      {memories.map(({ id, text, kind }) => (
        <li key={id}>
          <span class={`badge is-${kindsInWords[kind].style}`}>{kindsInWords[kind].word}</span>{' '}
          {text}
        </li>
      ))}
    </ul>
  </section>
);

const statesInWords: {
  readonly [state in AcknowledgedAdd['state']]: { word: string; style: string };
} = {
  rough: { word: 'found as said', style: 'rough' },
  refined: { word: 'found refined', style: 'refined' },
  known: { word: 'found as its message', style: 'refined' },
  replaced: { word: 'replaced later', style: 'plain' },
  deleted: { word: 'deleted by a client', style: 'plain' },
  lost: { word: 'lost', style: 'failed' },
};

/** Each add that was acknowledged, and what a search finds of it. */
export const Adds = ({ rows }: { rows: readonly AcknowledgedAdd[] }) => {
  const lost = rows.filter(({ state }) => state === 'lost').length;
  return (
    <section class="card" aria-labelledby="adds">
      <h2 id="adds">
        {rows.length} acknowledged, {lost} lost
      </h2>
      {rows.length === 0 && <Empty>No add is acknowledged yet.</Empty>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls has to be reached by keyboard */}
      <section class="scrolls is-tall" aria-label="Acknowledged adds" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">Said</th>
              <th scope="col">Now</th>
              <th scope="col">Client</th>
              <th scope="col">Step</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ id, step, client, text, state, found }) => (
              <tr key={id}>
                <td>{text}</td>
                <td>
                  <span class={`badge is-${statesInWords[state].style}`}>
                    {statesInWords[state].word}
                  </span>{' '}
                  {state === 'replaced' && found.join(', ')}
                </td>
                <td>{client}</td>
                <td>{step}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
};

/** Actions of the processes, the newest first. */
export const Timeline = ({ entries }: { entries: readonly TimelineEntry[] }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls has to be reached by keyboard
  <section class="scrolls is-tall trace" aria-label="Timeline" tabIndex={0}>
    <table>
      <thead>
        <tr>
          <th scope="col">Step</th>
          <th scope="col">Process</th>
          <th scope="col">What happens</th>
          <th scope="col">Time</th>
        </tr>
      </thead>
      <tbody>
        {entries.map(({ id, step, seconds, process, kind, text }) => (
          <tr key={id} class={`is-${kind}`}>
            <td>{step}</td>
            <td>{process}</td>
            <td class="wide">{text}</td>
            <td>{seconds.toFixed(2)} s</td>
          </tr>
        ))}
      </tbody>
    </table>
  </section>
);

const InvariantRow = ({ name, checks, violations }: CheckedInvariant) => (
  <li>
    <span class={`badge is-${violations.length > 0 ? 'failed' : checks > 0 ? 'ok' : 'plain'}`}>
      {violations.length > 0 ? 'violated' : checks > 0 ? 'no violation' : 'not checked yet'}
    </span>{' '}
    {name}{' '}
    <span class="hint">
      ({checks.toLocaleString('en')} {checks === 1 ? 'check' : 'checks'})
    </span>
    {violations.map((violation) => (
      <p key={violation} class="note is-error">
        {violation}
      </p>
    ))}
  </li>
);

export const Invariants = ({ invariants }: { invariants: readonly CheckedInvariant[] }) => (
  <section class="card" aria-labelledby="invariants">
    <h2 id="invariants">What is checked</h2>
    <ul class="plain found">
      {invariants.map((invariant) => (
        <InvariantRow key={invariant.name} {...invariant} />
      ))}
    </ul>
  </section>
);

/** The outcome so far in a sentence. */
export const Outcome = ({ state: { phase, step, adds } }: { state: RunState }) => {
  const acknowledged = `${adds.length} acknowledged ${adds.length === 1 ? 'add' : 'adds'}`;
  if (phase === 'violated')
    return (
      <p class="note is-error" role="status">
        Step {step} broke an invariant: the checks found what is wrong, and the run stops here.
      </p>
    );
  if (phase === 'proved')
    return (
      <p class="note is-good" role="status">
        The run is over after {step} steps: of {acknowledged} none was lost at any step, no work is
        left over, and each client reads what it wrote last.
      </p>
    );
  return (
    <p class="note" role="status">
      {phase === 'running'
        ? 'Clients write while faults happen.'
        : 'The clients are done and faults have stopped: the service finishes what is left to do.'}
    </p>
  );
};
