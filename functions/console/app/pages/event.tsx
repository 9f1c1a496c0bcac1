import { useEffect, useState } from 'preact/hooks';
import type { EventBody } from '../answers.ts';
import { mayWrite, request } from '../api.ts';
import { Changes } from '../changes.tsx';
import { isUnsettled, Timeline } from '../event-timeline.tsx';
import { formatCount, formatEntities } from '../format.ts';
import { useLiveEvents } from '../live-events.ts';
import { useLoaded } from '../loading.ts';
import { ActionButton, Badge, Data, Empty, ErrorNote, Facts, Loading } from '../parts.tsx';
import { placeOf } from '../places.ts';

const isOpen = ({ status }: EventBody): boolean => status === 'PENDING' || status === 'RUNNING';

const Failure = ({ error }: Pick<EventBody, 'error'>) => {
  if (error === null) return null;
  if (typeof error === 'string') return <ErrorNote error={error} />;
  const advice = error.retryable ? 'A retry can help.' : 'A retry cannot help.';
  return <ErrorNote error={`${error.code}: ${error.message} ${advice}`} />;
};

const Actions = ({ event, onDone }: { event: EventBody; onDone: () => void }) => {
  if (!mayWrite.value) return null;
  const post = (action: string) => async () => {
    await request(`POST /v1/events/${event.id}/${action}`);
    onDone();
  };
  return (
    <p class="actions">
      {event.status === 'FAILED' && <ActionButton act={post('retry')}>Retry</ActionButton>}
      {isOpen(event) && event.event_type === 'ADD' && (
        <ActionButton act={post('cancel')} confirm="Cancel the event? Its rough memory is deleted.">
          Cancel
        </ActionButton>
      )}
    </p>
  );
};

const factsOf = (event: EventBody): [string, string][] => [
  ['Type', event.event_type],
  ['Of', formatEntities(event) || '–'],
  ['Attempts', String(event.attempts)],
  ['Model', event.model ?? '–'],
  ['Tokens', `${formatCount(event.tokens.prompt)} in, ${formatCount(event.tokens.completion)} out`],
  ['Id', event.id],
];

/** Time between two requests: for what no stream of events shows, and for an event that is over or followed by the stream. */
const pollMs = 2_000;
const slowPollMs = 60_000;

/** Page of an event: its state, its times, what was said, and what changed. */
export const EventView = ({ id }: { id: string }) => {
  const load = () => request<EventBody>(`GET /v1/events/${encodeURIComponent(id)}?stages=true`);
  const { isLive, changes } = useLiveEvents(id);
  const [isChanging, setChanging] = useState(true);
  const {
    value: event,
    error,
    reload,
  } = useLoaded(id, load, isChanging ? pollMs : slowPollMs, changes);
  // The stream shows an open event. Of index and webhooks it knows nothing.
  const isNext = event === undefined || (isOpen(event) ? !isLive : isUnsettled(event));
  useEffect(() => setChanging(isNext), [isNext]);
  if (!event) return error ? <ErrorNote error={error} /> : <Loading />;
  return (
    <>
      <p>
        <a href={placeOf('events')}>All events</a> <Badge state={event.status} />
      </p>
      <Failure error={event.error} />
      <Actions event={event} onDone={reload} />
      <Facts facts={factsOf(event)} />
      <h2>Timeline</h2>
      <Timeline event={event} />
      <h2>What was said</h2>
      {event.payload ? (
        <ul class="plain messages">
          {event.payload.messages.map(({ role, content }, at) => (
            <li key={`${at}:${role}`} class={`message is-${role}`}>
              <strong>{role}</strong>
              <p>{content}</p>
            </li>
          ))}
        </ul>
      ) : (
        <Empty>This event has no words, or they are no longer kept.</Empty>
      )}
      {event.payload && Object.keys(event.payload.metadata).length > 0 && (
        <>
          <h2>Metadata</h2>
          <Data label="Metadata" value={event.payload.metadata} />
        </>
      )}
      <h2>What changed</h2>
      <Changes changes={event.results} />
    </>
  );
};
