import type { EventBody, NamedDelivery, StageState, Stages } from './answers.ts';
import { formatCount, formatDuration } from './format.ts';
import { Badge, When } from './parts.tsx';
import { placeOf } from './places.ts';

const spanNames: readonly [timing: string, name: string][] = [
  ['retrieve', 'Related memories were read'],
  ['model', 'The model decided'],
  ['embed', 'Vectors were made'],
];

const isOpen = ({ status }: EventBody): boolean => status === 'PENDING' || status === 'RUNNING';

/** Whether a stage after the end of an event may still change. */
export const isUnsettled = ({ stages }: EventBody): boolean =>
  stages?.indexed.state === 'waiting' || stages?.notified.state === 'waiting';

/** Durations between the start and the end. */
const Spans = ({ event }: { event: EventBody }) => {
  const spans = spanNames.flatMap(([timing, name]) => {
    const ms = event.timings[timing];
    return ms === undefined ? [] : [{ name, ms }];
  });
  const longest = Math.max(1, ...spans.map(({ ms }) => ms));
  return (
    <>
      {spans.map(({ name, ms }) => (
        <li key={name} class="span">
          {name}: {formatDuration(ms)}
          <span class="bar" style={{ width: `${Math.max(1, (100 * ms) / longest)}%` }} />
        </li>
      ))}
    </>
  );
};

const endings: { readonly [status: string]: string } = {
  FAILED: 'Failed',
  CANCELLED: 'Cancelled',
};

const End = ({ event }: { event: EventBody }) => {
  if (event.completed_at === null) return null;
  const name = endings[event.status] ?? (event.event_type === 'ADD' ? 'Applied' : 'Done');
  return (
    <li class={event.status === 'FAILED' ? 'is-failed' : ''}>
      {name} <When at={event.completed_at} />
      {event.latency !== null && `, ${formatDuration(event.latency)} after it was accepted`}
    </li>
  );
};

const memories = (count: number): string =>
  `${formatCount(count)} ${count === 1 ? 'memory' : 'memories'}`;

const Indexed = ({ state, at, memories: total, waiting }: Stages['indexed']) => {
  if (state === 'skipped') return null;
  if (state === 'waiting')
    return (
      <li class="is-waiting">
        Waiting for the index
        {waiting > 0 &&
          `: ${formatCount(waiting)} of ${memories(total)}. Searches find them already`}
      </li>
    );
  return (
    <li>
      Indexed {at && <When at={at} />}
      {total > 0 && ` (${memories(total)})`}
    </li>
  );
};

const DeliveryLink = ({ delivery }: { delivery: NamedDelivery }) => (
  <li>
    <Badge state={delivery.status} />{' '}
    <a href={`${placeOf('webhooks', delivery.endpoint_id)}?delivery=${delivery.id}`}>
      {delivery.event_type}
    </a>
  </li>
);

const notifiedNames: { readonly [state in StageState]: string } = {
  waiting: 'Waiting for webhooks',
  running: 'Waiting for webhooks',
  done: 'Notified',
  failed: 'Not all webhooks arrived',
  skipped: 'Webhooks were cancelled',
};

const Notified = (notified: Stages['notified']) => {
  const { state, at, deliveries } = notified;
  if (state === 'skipped' && deliveries.length === 0)
    return <li class="is-waiting">Not notified: no endpoint subscribes to it</li>;
  const counts = (['succeeded', 'waiting', 'failed', 'cancelled'] as const).flatMap((name) =>
    notified[name] > 0
      ? [`${formatCount(notified[name])} ${name === 'succeeded' ? 'delivered' : name}`]
      : [],
  );
  return (
    <li class={state === 'done' ? '' : `is-${state}`}>
      {notifiedNames[state]} {at && <When at={at} />}
      {counts.length > 0 && (
        <details>
          <summary>
            Deliveries: {counts.join(', ')}
            {notified.truncated && ', and perhaps more'}
          </summary>
          <ul class="plain">
            {deliveries.map((delivery) => (
              <DeliveryLink key={delivery.id} delivery={delivery} />
            ))}
          </ul>
        </details>
      )}
    </li>
  );
};

/** Stages of an event in their order: moments, and between them what took how long. */
export const Timeline = ({ event }: { event: EventBody }) => {
  const { stages } = event;
  const waited = stages?.queued.ms;
  return (
    <ol class="timeline">
      <li>
        Accepted <When at={event.created_at} />
      </li>
      {waited != null && <li class="span">Queued: {formatDuration(waited)}</li>}
      {event.started_at !== null && (
        <li>
          Started <When at={event.started_at} />
        </li>
      )}
      <Spans event={event} />
      {isOpen(event) && (
        <li class="is-waiting">
          Now: {event.waiting_for ? `waiting for the ${event.waiting_for}` : event.stage}
        </li>
      )}
      <End event={event} />
      {stages && !isOpen(event) && (
        <>
          <Indexed {...stages.indexed} />
          <Notified {...stages.notified} />
        </>
      )}
    </ol>
  );
};
