import { useState } from 'preact/hooks';
import type { Endpoint, Page } from '../answers.ts';
import { mayWrite, request } from '../api.ts';
import { shorten } from '../format.ts';
import { useLoaded } from '../loading.ts';
import { Badge, Empty, ErrorNote, Field, Form, Loading, Secret, Table, When } from '../parts.tsx';
import { placeOf } from '../places.ts';
import { EndpointView } from './endpoint.tsx';
import { InspectorSection } from './inspector.tsx';

const Register = ({ onDone }: { onDone: () => void }) => {
  const [url, setUrl] = useState('');
  const [name, setName] = useState('');
  const [types, setTypes] = useState('*');
  const [secret, setSecret] = useState('');
  const register = async (): Promise<void> => {
    const event_types = types.split(',').flatMap((type) => (type.trim() ? [type.trim()] : []));
    const body = { url, name, event_types };
    const created = await request<{ secret: string }>('POST /v1/endpoints', body);
    setSecret(created.secret);
    setUrl('');
    onDone();
  };
  return (
    <section class="card" aria-labelledby="register">
      <h2 id="register">Register an endpoint</h2>
      <Form act={register} button="Register">
        <div class="filters">
          <Field label="URL">
            <input
              type="url"
              required
              placeholder="https://example.com/hooks"
              value={url}
              onInput={({ currentTarget }) => setUrl(currentTarget.value)}
            />
          </Field>
          <Field label="Name">
            <input value={name} onInput={({ currentTarget }) => setName(currentTarget.value)} />
          </Field>
          <Field label="Event types">
            <input value={types} onInput={({ currentTarget }) => setTypes(currentTarget.value)} />
          </Field>
        </div>
      </Form>
      {secret !== '' && <Secret label="Signing secret, shown this once:" value={secret} />}
    </section>
  );
};

const Row = ({ endpoint }: { endpoint: Endpoint }) => (
  <tr>
    <td>
      <Badge state={endpoint.status} />
    </td>
    <td>
      <a href={placeOf('webhooks', endpoint.id)}>{endpoint.name || endpoint.id}</a>
    </td>
    <td class="wide">{shorten(endpoint.url)}</td>
    <td>{endpoint.event_types.join(', ') || 'all'}</td>
    <td>
      <When at={endpoint.created_at} />
    </td>
  </tr>
);

const EndpointList = () => {
  const { value, error, reload } = useLoaded(
    'endpoints',
    () => request<Page<Endpoint>>('GET /v1/endpoints?page_size=200'),
    10_000,
  );
  return (
    <>
      <ErrorNote error={error} />
      {!value && !error && <Loading />}
      {value?.count === 0 && <Empty>No endpoints.</Empty>}
      {value !== undefined && value.count > 0 && (
        <Table label="Endpoints" columns={['State', 'Name', 'URL', 'Event types', 'Created']}>
          {value.results.map((endpoint) => (
            <Row key={endpoint.id} endpoint={endpoint} />
          ))}
        </Table>
      )}
      {mayWrite.value && <Register onDone={reload} />}
      {value !== undefined && <InspectorSection endpoints={value.results} onRegistered={reload} />}
    </>
  );
};

/** Webhook endpoints of the project; or one of them with its deliveries. */
export const WebhooksPage = ({ id }: { id: string }) =>
  id === '' ? <EndpointList /> : <EndpointView id={id} />;
