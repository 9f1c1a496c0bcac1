import type { Endpoint, InspectedRequest, Inspector } from '../answers.ts';
import { may, mayWrite, request } from '../api.ts';
import { useLoaded } from '../loading.ts';
import { ActionButton, Badge, Data, Empty, ErrorNote, Loading, When } from '../parts.tsx';
import { placeOf } from '../places.ts';

const pollMs = 3_000;

const RequestItem = ({ received }: { received: InspectedRequest }) => {
  const { notification_id, event_type, received_at, status, headers, payload } = received;
  return (
    <li>
      <details class="card">
        <summary>
          <Badge state={status < 300 ? 'succeeded' : 'failed'} /> {event_type ?? 'a notification'}{' '}
          <When at={received_at} />, answered {status}
        </summary>
        <Data label={`Headers of ${notification_id}`} value={headers} />
        {payload === null ? (
          <Empty>The notification is no longer kept.</Empty>
        ) : (
          <Data label={`Body of ${notification_id}`} value={payload} />
        )}
      </details>
    </li>
  );
};

const Received = ({ inspector, onDone }: { inspector: Inspector; onDone: () => void }) => {
  const clear = async (): Promise<void> => {
    await request('DELETE /v1/inspector');
    onDone();
  };
  if (inspector.requests.length === 0)
    return <Empty>Nothing was received. Say something in the playground, or send a test.</Empty>;
  return (
    <>
      <ol class="plain">
        {inspector.requests.map((received) => (
          <RequestItem
            key={`${received.notification_id} ${received.received_at}`}
            {...{ received }}
          />
        ))}
      </ol>
      {mayWrite.value && (
        <p class="actions">
          <ActionButton act={clear}>Clear the inspector</ActionButton>
        </p>
      )}
    </>
  );
};

/** Registers the receiver of the service itself, and shows the requests that it received. */
const InspectorCard = ({
  endpoints,
  onRegistered,
}: {
  endpoints: readonly Endpoint[];
  onRegistered: () => void;
}) => {
  const load = () => request<Inspector>('GET /v1/inspector');
  const { value: inspector, error, reload } = useLoaded('inspector', load, pollMs);
  if (!inspector) return error ? null : <Loading />;
  const registered = endpoints.find(({ url }) => url.startsWith(inspector.url));
  const register = async (): Promise<void> => {
    const body = { url: inspector.url, name: 'Inspector', event_types: ['*'] };
    await request('POST /v1/endpoints', body);
    onRegistered();
    reload();
  };
  return (
    <section class="card" aria-labelledby="inspector">
      <h2 id="inspector">Inspector</h2>
      <p>
        A receiver of the service itself, to see what a webhook brings before you write one. It
        keeps the newest 50 requests in memory.
      </p>
      {registered ? (
        <p>
          Registered as{' '}
          <a href={placeOf('webhooks', registered.id)}>{registered.name || 'an endpoint'}</a>
        </p>
      ) : (
        <p class="actions">
          <ActionButton act={register}>Register the inspector</ActionButton>
        </p>
      )}
      <ErrorNote error={error} />
      <Received inspector={inspector} onDone={reload} />
    </section>
  );
};

/** The inspector for keys that may read its requests and register an endpoint; nothing where the service has none. */
export const InspectorSection = (props: Parameters<typeof InspectorCard>[0]) =>
  may('read') && mayWrite.value ? <InspectorCard {...props} /> : null;
