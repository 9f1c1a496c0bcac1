import { useState } from 'preact/hooks';
import type { Context, FoundMemory } from '../answers.ts';
import { queryOf, request } from '../api.ts';
import { useAction, useLoaded } from '../loading.ts';
import { Badge, Data, Empty, ErrorNote, Field } from '../parts.tsx';
import { placeOf } from '../places.ts';
import { explainScore, scoreInWords } from '../scores.ts';

interface Answer {
  results: FoundMemory[];
  degraded?: string[];
}

const Parts = ({ breakdown }: { breakdown: FoundMemory['score_breakdown'] }) => (
  <details>
    <summary>Why this score</summary>
    <dl class="scores">
      {explainScore(breakdown).map(({ name, value, share, explanation }) => (
        <div key={name}>
          <dt>
            {name} {value.toFixed(2)}
          </dt>
          <dd>
            <span class="bar" style={{ width: `${Math.round(share * 100)}%` }} />
            {explanation}
          </dd>
        </div>
      ))}
    </dl>
  </details>
);

const Result = ({ found }: { found: FoundMemory }) => (
  <li class="card">
    <p>
      <Badge state={found.type} /> <strong>{found.score.toFixed(3)}</strong>{' '}
      {scoreInWords(found.score)}
    </p>
    <p>
      {found.type === 'message' ? (
        found.memory
      ) : (
        <a href={placeOf('memories', found.id)}>{found.memory}</a>
      )}
    </p>
    {found.source && <p class="hint">Source: {found.source.memory}</p>}
    <Parts breakdown={found.score_breakdown} />
  </li>
);

/** The text that an agent would get for its prompt. */
const ContextBlock = ({ user, query, threshold }: Asked) => {
  const path = `/v1/context${queryOf({ query, user_id: user, threshold, budget: 800 })}`;
  const { value, error } = useLoaded(path, () => request<Context>(`GET ${path}`));
  return (
    <>
      <h3>What an agent would get</h3>
      <ErrorNote error={error} />
      {value && value.context !== '' && <Data label="Context block" value={value.context} />}
      {value?.context === '' && <Empty>Nothing related.</Empty>}
      {value && (
        <p class="hint">
          About {value.tokens} of {value.budget} tokens
          {value.truncated ? '; some memories did not fit' : ''}.
        </p>
      )}
    </>
  );
};

interface Asked {
  user: string;
  query: string;
  threshold: number;
}

const search = ({ user, query, threshold }: Asked): Promise<Answer> =>
  request('POST /v3/memories/search', { query, threshold, filters: { user_id: user }, top_k: 20 });

/** Searches the memories of a user, with the parts of each score, and shows the context block of the same question. */
export const Searching = ({ user }: { user: string }) => {
  const [query, setQuery] = useState('');
  const [threshold, setThreshold] = useState(0.1);
  const [shown, setShown] = useState<{ asked: Asked; answer: Answer }>();
  const { run, isBusy, error } = useAction(async () => {
    const asked = { user, query, threshold };
    setShown({ asked, answer: await search(asked) });
  });
  return (
    <section class="card" aria-labelledby="search">
      <h2 id="search">Search</h2>
      <form
        onSubmit={(submitted) => {
          submitted.preventDefault();
          void run();
        }}
      >
        <Field label="Question">
          <input
            required
            placeholder="Where does she live?"
            value={query}
            onInput={({ currentTarget }) => setQuery(currentTarget.value)}
          />
        </Field>
        <Field label={`Threshold ${threshold.toFixed(2)}`}>
          <input
            type="range"
            min={0}
            max={1}
            step={0.05}
            value={threshold}
            onInput={({ currentTarget }) => setThreshold(Number(currentTarget.value))}
            onChange={() => {
              if (shown) void run();
            }}
          />
        </Field>
        <button type="submit" class="is-main" disabled={isBusy}>
          Search
        </button>
        <ErrorNote error={error} />
      </form>
      {shown && (
        <>
          <h3>Results</h3>
          {shown.answer.degraded && (
            <p class="note">Searched without: {shown.answer.degraded.join(', ')}.</p>
          )}
          {shown.answer.results.length === 0 && <Empty>Nothing reaches the threshold.</Empty>}
          <ol class="plain results">
            {shown.answer.results.map((found) => (
              <Result key={found.id} found={found} />
            ))}
          </ol>
          <ContextBlock {...shown.asked} />
        </>
      )}
    </section>
  );
};
