import { useState } from 'preact/hooks';
import type { Memory, Page } from '../answers.ts';
import { request } from '../api.ts';
import { formatEntities, parsePairs, shorten, shortId } from '../format.ts';
import { useLoaded } from '../loading.ts';
import { Badge, Empty, ErrorNote, Field, Form, Loading, Pager, Table, When } from '../parts.tsx';
import { placeOf } from '../places.ts';
import { goTo, place } from '../routing.ts';
import { MemoryView } from './memory.tsx';

const size = 25;

interface Asked {
  owner: string;
  id: string;
  kind: string;
  category: string;
  metadata: string;
  since: string;
  closed: boolean;
}

const owners = ['user', 'agent', 'app', 'run'];
const kinds = ['fact', 'preference', 'tool'];

const askedIn = (query: URLSearchParams): Asked => ({
  owner: query.get('owner') ?? 'user',
  id: query.get('of') ?? '',
  kind: query.get('kind') ?? '',
  category: query.get('category') ?? '',
  metadata: query.get('metadata') ?? '',
  since: query.get('since') ?? '',
  closed: query.get('closed') === 'true',
});

const addressOf = ({ owner, id, kind, category, metadata, since, closed }: Asked): string => {
  const given = Object.entries({ owner, of: id, kind, category, metadata, since }).filter(
    ([, value]) => value !== '',
  );
  const query = new URLSearchParams(given);
  if (closed) query.set('closed', 'true');
  return `${placeOf('memories')}?${query}`;
};

/** Body of the list request. Without an id: memories of any user, agent, app or run. */
const bodyOf = ({ owner, id, kind, category, metadata, since, closed }: Asked): object => ({
  filters: {
    ...(id === ''
      ? { OR: owners.map((one) => ({ [`${one}_id`]: '*' })) }
      : { [`${owner}_id`]: id }),
    ...(kind !== '' && { kind }),
  },
  ...(category !== '' && { categories: [category] }),
  ...(metadata !== '' && { metadata: parsePairs(metadata) }),
  ...(since !== '' && { start_date: since }),
  include_expired: closed,
});

const Filters = ({ asked }: { asked: Asked }) => {
  const [draft, setDraft] = useState(asked);
  const set = (change: Partial<Asked>): void => setDraft({ ...draft, ...change });
  const apply = async (): Promise<void> => {
    if (!parsePairs(draft.metadata)) throw new Error('Metadata are pairs such as source=chat.');
    goTo(addressOf(draft));
  };
  return (
    <Form act={apply} button="Filter">
      <div class="filters">
        <Field label="Of">
          <select
            value={draft.owner}
            onChange={({ currentTarget }) => set({ owner: currentTarget.value })}
          >
            {owners.map((owner) => (
              <option key={owner}>{owner}</option>
            ))}
          </select>
        </Field>
        <Field label="Id (empty for all)">
          <input
            value={draft.id}
            onInput={({ currentTarget }) => set({ id: currentTarget.value })}
          />
        </Field>
        <Field label="Kind">
          <select
            value={draft.kind}
            onChange={({ currentTarget }) => set({ kind: currentTarget.value })}
          >
            <option value="">All</option>
            {kinds.map((kind) => (
              <option key={kind}>{kind}</option>
            ))}
          </select>
        </Field>
        <Field label="Category">
          <input
            value={draft.category}
            onInput={({ currentTarget }) => set({ category: currentTarget.value })}
          />
        </Field>
        <Field label="Metadata">
          <input
            placeholder="key=value"
            value={draft.metadata}
            onInput={({ currentTarget }) => set({ metadata: currentTarget.value })}
          />
        </Field>
        <Field label="Since">
          <input
            type="date"
            value={draft.since}
            onInput={({ currentTarget }) => set({ since: currentTarget.value })}
          />
        </Field>
        <Field label="Also what is no longer true">
          <input
            type="checkbox"
            checked={draft.closed}
            onChange={({ currentTarget }) => set({ closed: currentTarget.checked })}
          />
        </Field>
      </div>
    </Form>
  );
};

const stateOf = ({ type, lifecycle_state: state }: Memory): string =>
  state === undefined || state === 'active' ? type : state;

const Row = ({ memory }: { memory: Memory }) => (
  <tr>
    <td>
      <Badge state={stateOf(memory)} />
    </td>
    <td class="wide">
      <a href={placeOf('memories', memory.id)}>
        {shorten(memory.memory, 200) || shortId(memory.id)}
      </a>
    </td>
    <td>{memory.kind}</td>
    <td>{formatEntities(memory)}</td>
    <td>{(memory.categories ?? []).join(', ')}</td>
    <td>
      <When at={memory.updated_at} />
    </td>
  </tr>
);

const MemoryList = () => {
  const asked = askedIn(place.value.query);
  const body = JSON.stringify(bodyOf(asked));
  const [paged, setPaged] = useState({ body, page: 1 });
  const page = paged.body === body ? paged.page : 1;
  const { value, error } = useLoaded(`${page} ${body}`, () =>
    request<Page<Memory>>(`POST /v3/memories?page=${page}&page_size=${size}`, bodyOf(asked)),
  );
  return (
    <>
      <Filters key={body} asked={asked} />
      <ErrorNote error={error} />
      {!value && !error && <Loading />}
      {value?.count === 0 && <Empty>No memory matches.</Empty>}
      {value !== undefined && value.count > 0 && (
        <Table
          label="Memories, newest first"
          columns={['State', 'Memory', 'Kind', 'Of', 'Categories', 'Changed']}
        >
          {value.results.map((memory) => (
            <Row key={memory.id} memory={memory} />
          ))}
        </Table>
      )}
      <Pager
        page={page}
        size={size}
        count={value?.count ?? 0}
        onPage={(next) => setPaged({ body, page: next })}
      />
    </>
  );
};

/** Memories of the project by entity, kind, category, metadata and time; or one of them. */
export const MemoriesPage = ({ id }: { id: string }) =>
  id === '' ? <MemoryList /> : <MemoryView id={id} />;
