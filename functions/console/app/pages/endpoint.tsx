import { useState } from 'preact/hooks';
import type { Endpoint } from '../answers.ts';
import { mayWrite, request } from '../api.ts';
import { useLoaded } from '../loading.ts';
import {
  ActionButton,
  Badge,
  ErrorNote,
  Facts,
  Field,
  Form,
  Loading,
  Secret,
  When,
} from '../parts.tsx';
import { placeOf } from '../places.ts';
import { goTo, place } from '../routing.ts';
import { Deliveries, OneDelivery } from './deliveries.tsx';

const dayAgo = (): string => new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);

/** Sends again what the endpoint missed since a day. */
const Recover = ({ path, onDone }: { path: string; onDone: () => void }) => {
  const [since, setSince] = useState(dayAgo);
  const [which, setWhich] = useState('failed');
  const [started, setStarted] = useState('');
  const recover = async (): Promise<void> => {
    const { id } = await request<{ id: string }>(`POST ${path}/recover`, { since, which });
    setStarted(id);
    onDone();
  };
  return (
    <details class="card">
      <summary>Recover what it missed</summary>
      <Form act={recover} button="Recover">
        <div class="filters">
          <Field label="Since">
            <input
              type="date"
              required
              value={since}
              onInput={({ currentTarget }) => setSince(currentTarget.value)}
            />
          </Field>
          <Field label="Which">
            <select value={which} onChange={({ currentTarget }) => setWhich(currentTarget.value)}>
              <option value="failed">failed deliveries</option>
              <option value="missing">notifications without a delivery</option>
              <option value="all">all of both</option>
            </select>
          </Field>
        </div>
      </Form>
      {started !== '' && (
        <p class="note" role="status">
          Recovery {started} has started.
        </p>
      )}
    </details>
  );
};

const Actions = ({
  endpoint,
  path,
  onDone,
}: {
  endpoint: Endpoint;
  path: string;
  onDone: () => void;
}) => {
  const [secret, setSecret] = useState('');
  const post = (action: string) => async () => {
    await request(`POST ${path}/${action}`);
    onDone();
  };
  const rotate = async (): Promise<void> =>
    setSecret((await request<{ secret: string }>(`POST ${path}/secret/rotate`)).secret);
  const remove = async (): Promise<void> => {
    await request(`DELETE ${path}`);
    goTo(placeOf('webhooks'));
  };
  return (
    <>
      <p class="actions">
        <ActionButton act={post('test')}>Send a test</ActionButton>
        {endpoint.status === 'active' ? (
          <ActionButton act={post('pause')}>Pause</ActionButton>
        ) : (
          <ActionButton act={post('resume')}>Resume</ActionButton>
        )}
        <ActionButton
          act={rotate}
          confirm="Make a new secret? The old one stays valid for a while."
        >
          Rotate the secret
        </ActionButton>
        <ActionButton act={remove} confirm="Delete the endpoint and cancel its deliveries?">
          Delete
        </ActionButton>
      </p>
      {secret !== '' && <Secret label="New signing secret:" value={secret} />}
      <Recover path={path} onDone={onDone} />
    </>
  );
};

const factsOf = (endpoint: Endpoint) => {
  const filters = Object.entries(endpoint.filters).map(
    ([entity, ids]) => `${entity}: ${ids.join(', ')}`,
  );
  return [
    ['URL', endpoint.url],
    ['Event types', endpoint.event_types.join(', ') || 'all'],
    ['Filters', filters.join('; ') || 'none'],
    ['At once', `${endpoint.max_in_flight}${endpoint.ordered ? ', in order' : ''}`],
    ['Created', <When at={endpoint.created_at} />],
  ] as const;
};

/** An endpoint with its event types, actions and deliveries. */
export const EndpointView = ({ id }: { id: string }) => {
  const path = `/v1/endpoints/${encodeURIComponent(id)}`;
  const delivery = place.value.query.get('delivery');
  const [version, setVersion] = useState(0);
  const loaded = useLoaded(id, () => request<Endpoint>(`GET ${path}`), 10_000);
  const { value: endpoint, error, reload } = loaded;
  if (!endpoint) return error ? <ErrorNote error={error} /> : <Loading />;
  const onDone = (): void => {
    reload();
    setVersion(version + 1);
  };
  return (
    <>
      <p>
        <a href={placeOf('webhooks')}>All endpoints</a> <Badge state={endpoint.status} />{' '}
        {endpoint.name}
      </p>
      {endpoint.status_reason !== null && endpoint.status !== 'active' && (
        <p class="note">
          {endpoint.status}: {endpoint.status_reason}
          {endpoint.status_since !== null && (
            <>
              {' '}
              since <When at={endpoint.status_since} />
            </>
          )}
        </p>
      )}
      <Facts facts={factsOf(endpoint)} />
      {mayWrite.value && <Actions endpoint={endpoint} path={path} onDone={onDone} />}
      <h2>{delivery === null ? 'Deliveries' : 'Delivery'}</h2>
      {delivery === null ? (
        <Deliveries path={path} version={version} />
      ) : (
        <>
          <OneDelivery key={`${delivery} ${version}`} id={delivery} />
          <p>
            <a href={placeOf('webhooks', id)}>All deliveries of the endpoint</a>
          </p>
        </>
      )}
    </>
  );
};
