import { useState } from 'preact/hooks';
import type { ApiKey, Page, Usage } from '../answers.ts';
import { may, queryOf, request, session } from '../api.ts';
import { formatCount } from '../format.ts';
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
  Table,
  When,
} from '../parts.tsx';

const permissions = ['read', 'write', 'admin'] as const;
const weekMs = 7 * 86_400_000;

interface Project {
  name: string;
  description: string;
  settings_version: number;
}

const ProjectFacts = () => {
  const { project = '', organization = '' } = session.value ?? {};
  const path = `/api/v1/orgs/organizations/${organization}/projects/${project}`;
  const { value, error } = useLoaded(path, () => request<Project>(`GET ${path}`));
  return (
    <section aria-labelledby="project">
      <h2 id="project">Project</h2>
      <ErrorNote error={error} />
      <Facts
        facts={[
          ['Name', value?.name ?? '…'],
          ['Id', project],
          ['This key may', session.value?.permissions.join(', ')],
          ['Description', value?.description || '–'],
        ]}
      />
    </section>
  );
};

const Create = ({ onDone }: { onDone: () => void }) => {
  const [name, setName] = useState('');
  const [granted, setGranted] = useState<readonly string[]>(['read', 'write']);
  const [key, setKey] = useState('');
  const create = async (): Promise<void> => {
    const body = { name, permissions: granted };
    setKey((await request<{ key: string }>('POST /v1/keys', body)).key);
    setName('');
    onDone();
  };
  const toggle = (one: string): void =>
    setGranted(permissions.filter((other) => granted.includes(other) !== (other === one)));
  return (
    <section class="card" aria-labelledby="create">
      <h2 id="create">Create a key</h2>
      <Form act={create} button="Create">
        <Field label="Name">
          <input value={name} onInput={({ currentTarget }) => setName(currentTarget.value)} />
        </Field>
        <fieldset>
          <legend>Permissions</legend>
          {permissions.map((one) => (
            <Field key={one} label={one}>
              <input type="checkbox" checked={granted.includes(one)} onChange={() => toggle(one)} />
            </Field>
          ))}
        </fieldset>
      </Form>
      {key !== '' && <Secret label="The new key, shown this once:" value={key} />}
    </section>
  );
};

const Row = ({ apiKey, onDone }: { apiKey: ApiKey; onDone: () => void }) => {
  const revoke = async (): Promise<void> => {
    await request(`DELETE /v1/keys/${apiKey.id}`);
    onDone();
  };
  return (
    <tr>
      <td>
        <Badge state={apiKey.revoked_at === null ? 'active' : 'revoked'} />
      </td>
      <td>{apiKey.name || '–'}</td>
      <td>
        <code>{apiKey.prefix}…</code>
      </td>
      <td>{apiKey.permissions.join(', ')}</td>
      <td>
        <When at={apiKey.created_at} />
      </td>
      <td>
        {apiKey.revoked_at === null && (
          <ActionButton act={revoke} confirm="Revoke this key for good?">
            Revoke
          </ActionButton>
        )}
      </td>
    </tr>
  );
};

const KeyList = () => {
  const { value, error, reload } = useLoaded('keys', () =>
    request<Page<ApiKey>>('GET /v1/keys?page_size=200'),
  );
  return (
    <>
      <h2>Keys</h2>
      <ErrorNote error={error} />
      {!value && !error && <Loading />}
      {value && (
        <Table
          label="API keys"
          columns={['State', 'Name', 'Key', 'Permissions', 'Created', 'Action']}
        >
          {value.results.map((apiKey) => (
            <Row key={apiKey.id} apiKey={apiKey} onDone={reload} />
          ))}
        </Table>
      )}
      <Create onDone={reload} />
    </>
  );
};

const counted = ['requests', 'units', 'adds', 'searches', 'errors', 'limited'] as const;

/** Usage of the last seven days by key. */
const UsageByKey = () => {
  const { value, error } = useLoaded('usage', () => {
    const since = new Date(Date.now() - weekMs).toISOString();
    return request<Usage>(`GET /v1/usage${queryOf({ since })}`);
  });
  const keys = [...new Set(value?.results.flatMap((hour) => hour.keys.map(({ id }) => id)) ?? [])];
  const sum = (id: string, name: (typeof counted)[number]): number =>
    value?.results.reduce(
      (total, hour) => total + (hour.keys.find((one) => one.id === id)?.[name] ?? 0),
      0,
    ) ?? 0;
  return (
    <>
      <h2>Usage of the last seven days</h2>
      <ErrorNote error={error} />
      {value && (
        <Table label="Usage by key" columns={['Key', ...counted]}>
          {keys.map((id) => (
            <tr key={id}>
              <td>
                <code>{id}</code>
              </td>
              {counted.map((name) => (
                <td key={name}>{formatCount(sum(id, name))}</td>
              ))}
            </tr>
          ))}
        </Table>
      )}
    </>
  );
};

/** The project of the key, its keys and their usage. Keys and usage take the permission `admin`. */
export const KeysPage = () => (
  <>
    <ProjectFacts />
    {may('admin') ? (
      <>
        <KeyList />
        <UsageByKey />
      </>
    ) : (
      <p class="note">Keys and usage are shown to a key with the permission admin.</p>
    )}
  </>
);
