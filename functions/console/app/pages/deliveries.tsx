import { useState } from 'preact/hooks';
import type { Attempt, CursorPage, Delivery } from '../answers.ts';
import { mayWrite, queryOf, request } from '../api.ts';
import { formatDuration } from '../format.ts';
import { useLoaded } from '../loading.ts';
import { ActionButton, Badge, Data, Empty, ErrorNote, Field, Loading, When } from '../parts.tsx';

const statuses = ['pending', 'queued', 'leased', 'succeeded', 'exhausted', 'cancelled'];
const pollMs = 4_000;

const Durations = ({ durations }: Pick<Attempt, 'durations'>) => {
  const known = Object.entries(durations).flatMap(([phase, ms]) =>
    ms === null ? [] : [`${phase.replace('_', ' ')} ${formatDuration(ms)}`],
  );
  return <p class="hint">{known.join(' · ')}</p>;
};

const AttemptItem = ({ attempt, of }: { attempt: Attempt; of: string }) => (
  <li class="card">
    <p>
      <Badge state={attempt.ok ? 'succeeded' : 'failed'} /> Attempt {attempt.number} (
      {attempt.trigger}) <When at={attempt.started_at} />
      {attempt.status !== null && `, status ${attempt.status}`}
    </p>
    {attempt.error !== null && (
      <p class="note is-error">
        {attempt.error}
        {attempt.message !== null && `: ${attempt.message}`}
      </p>
    )}
    <Durations durations={attempt.durations} />
    <details>
      <summary>Request and answer</summary>
      <Data
        label={`Request of attempt ${attempt.number} of ${of}`}
        value={{ url: attempt.url, headers: attempt.request_headers }}
      />
      <Data
        label={`Answer to attempt ${attempt.number} of ${of}`}
        value={{
          from: attempt.remote_ip,
          headers: attempt.response_headers,
          body: attempt.response_body,
        }}
      />
    </details>
  </li>
);

const Attempts = ({ delivery }: { delivery: Delivery }) => {
  const { id, attempt_count, status } = delivery;
  const { value, error } = useLoaded(`${id} ${attempt_count} ${status}`, () =>
    request<{ attempts: Attempt[] }>(`GET /v1/deliveries/${id}`),
  );
  if (!value) return error ? <ErrorNote error={error} /> : <Loading />;
  if (value.attempts.length === 0) return <Empty>No attempt yet.</Empty>;
  return (
    <ol class="plain">
      {value.attempts.map((attempt) => (
        <AttemptItem key={attempt.number} attempt={attempt} of={id} />
      ))}
    </ol>
  );
};

const DeliveryItem = ({
  delivery,
  onDone,
  isFirstOpen = false,
}: {
  delivery: Delivery;
  onDone: () => void;
  isFirstOpen?: boolean;
}) => {
  const [isOpen, setOpen] = useState(isFirstOpen);
  const resend = async (): Promise<void> => {
    await request(`POST /v1/deliveries/${delivery.id}/resend`);
    onDone();
  };
  return (
    <li>
      <details
        class="card"
        open={isOpen}
        onToggle={({ currentTarget }) => setOpen(currentTarget.open)}
      >
        <summary>
          <Badge state={delivery.status} /> {delivery.event_type} <When at={delivery.created_at} />,{' '}
          {delivery.attempt_count} {delivery.attempt_count === 1 ? 'attempt' : 'attempts'}
          {delivery.last_error !== null && `, ${delivery.last_error}`}
        </summary>
        {delivery.next_attempt_at !== null && (
          <p class="hint">
            Next attempt <When at={delivery.next_attempt_at} />
          </p>
        )}
        {mayWrite.value && (
          <p class="actions">
            <ActionButton act={resend}>Resend</ActionButton>
          </p>
        )}
        {isOpen && <Attempts delivery={delivery} />}
      </details>
    </li>
  );
};

/** Delivery of an endpoint, with its attempts. */
export const OneDelivery = ({ id }: { id: string }) => {
  const { value, error, reload } = useLoaded(
    id,
    () => request<Delivery>(`GET /v1/deliveries/${encodeURIComponent(id)}`),
    pollMs,
  );
  if (!value) return error ? <ErrorNote error={error} /> : <Loading />;
  return (
    <ol class="plain">
      <DeliveryItem delivery={value} onDone={reload} isFirstOpen />
    </ol>
  );
};

/** Deliveries of an endpoint, newest first, each with its attempts; `version` changes when an action may have made one. */
export const Deliveries = ({ path, version }: { path: string; version: number }) => {
  const [status, setStatus] = useState('');
  const [cursors, setCursors] = useState<string[]>([]);
  const query = queryOf({ limit: 25, status, after: cursors.at(-1) });
  const { value, error, reload } = useLoaded(
    `${path} ${query} ${version}`,
    () => request<CursorPage<Delivery>>(`GET ${path}/deliveries${query}`),
    pollMs,
  );
  const cursor = value?.next == null ? null : value.cursor;
  return (
    <>
      <div class="filters">
        <Field label="Status">
          <select
            value={status}
            onChange={({ currentTarget }) => {
              setStatus(currentTarget.value);
              setCursors([]);
            }}
          >
            <option value="">All</option>
            {statuses.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </Field>
      </div>
      <ErrorNote error={error} />
      {!value && !error && <Loading />}
      {value?.results.length === 0 && <Empty>No deliveries.</Empty>}
      <ol class="plain">
        {value?.results.map((delivery) => (
          <DeliveryItem key={delivery.id} delivery={delivery} onDone={reload} />
        ))}
      </ol>
      <p class="actions">
        {cursors.length > 0 && (
          <button type="button" onClick={() => setCursors(cursors.slice(0, -1))}>
            Newer
          </button>
        )}
        {cursor !== null && (
          <button type="button" onClick={() => setCursors([...cursors, cursor])}>
            Older
          </button>
        )}
      </p>
    </>
  );
};
