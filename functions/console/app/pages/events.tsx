import { useState } from 'preact/hooks';
import type { EventBody, Page } from '../answers.ts';
import { queryOf, request } from '../api.ts';
import { formatDuration, formatEntities, shorten, shortId } from '../format.ts';
import { useLiveEvents } from '../live-events.ts';
import { useLoaded } from '../loading.ts';
import { Badge, Empty, ErrorNote, Field, Loading, Pager, Table, When } from '../parts.tsx';
import { placeOf } from '../places.ts';
import { goTo, place } from '../routing.ts';
import { EventView } from './event.tsx';

const size = 25;
/** Time between two requests for the newest events, without a stream and beside one. */
const pollMs = 3_000;
const slowPollMs = 60_000;

const statuses = ['PENDING', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED'];
const types = [
  ...['ADD', 'UPDATE', 'DELETE', 'DELETE_ALL', 'SEARCH'],
  ...['REINDEX', 'EXPORT', 'PROFILE', 'REPLACE'],
];

/** Subject of an event: the words of its turn, else its first change. */
const subjectOf = ({ payload, results, counts }: EventBody): string => {
  const said = payload?.messages.map(({ content }) => content).join(' ');
  if (said) return shorten(said);
  const changed = results.find(({ memory }) => memory !== null)?.memory;
  if (changed) return shorten(changed);
  return counts ? `${counts.memories} memories` : '';
};

const Row = ({ event }: { event: EventBody }) => (
  <tr>
    <td>
      <Badge state={event.status} />
    </td>
    <td class="wide">
      <a href={placeOf('events', event.id)}>{subjectOf(event) || shortId(event.id)}</a>
    </td>
    <td>{event.event_type}</td>
    <td>{formatEntities(event)}</td>
    <td>
      <When at={event.created_at} />
    </td>
    <td>{event.latency === null ? '' : formatDuration(event.latency)}</td>
  </tr>
);

const Choice = (props: {
  label: string;
  value: string;
  names: readonly string[];
  onChoose: (name: string) => void;
}) => (
  <Field label={props.label}>
    <select
      value={props.value}
      onChange={({ currentTarget }) => props.onChoose(currentTarget.value)}
    >
      <option value="">All</option>
      {props.names.map((name) => (
        <option key={name}>{name}</option>
      ))}
    </select>
  </Field>
);

const EventList = () => {
  const [page, setPage] = useState(1);
  const status = place.value.query.get('status') ?? '';
  const type = place.value.query.get('type') ?? '';
  const query = queryOf({ page, page_size: size, status, event_type: type });
  const { isLive, changes } = useLiveEvents();
  const { value, error } = useLoaded(
    query,
    () => request<Page<EventBody>>(`GET /v1/events${query}`),
    isLive ? slowPollMs : pollMs,
    changes,
  );
  const choose = (chosen: { status: string; type: string }): void => {
    setPage(1);
    goTo(placeOf('events') + queryOf(chosen));
  };
  return (
    <>
      <div class="filters">
        <Choice
          label="Status"
          value={status}
          names={statuses}
          onChoose={(name) => choose({ status: name, type })}
        />
        <Choice
          label="Type"
          value={type}
          names={types}
          onChoose={(name) => choose({ status, type: name })}
        />
      </div>
      <ErrorNote error={error} />
      {!value && !error && <Loading />}
      {value?.count === 0 && <Empty>No events. Say something in the playground.</Empty>}
      {value !== undefined && value.count > 0 && (
        <Table
          label="Events, newest first"
          columns={['Status', 'Event', 'Type', 'Of', 'Created', 'Took']}
        >
          {value.results.map((event) => (
            <Row key={event.id} event={event} />
          ))}
        </Table>
      )}
      <Pager page={page} size={size} count={value?.count ?? 0} onPage={setPage} />
    </>
  );
};

/** Events of the project, newest first and kept current; or one of them. */
export const EventsPage = ({ id }: { id: string }) =>
  id === '' ? <EventList /> : <EventView id={id} />;
