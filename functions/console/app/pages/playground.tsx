import { signal } from '@preact/signals';
import { useState } from 'preact/hooks';
import type { EventBody, FoundMemory } from '../answers.ts';
import { mayWrite, request } from '../api.ts';
import { Changes } from '../changes.tsx';
import { useLoaded } from '../loading.ts';
import { Badge, ErrorNote, Field, Form, Loading } from '../parts.tsx';
import { placeOf } from '../places.ts';
import { Searching } from './playground-search.tsx';

interface Said {
  event: string;
  /** Result of a search right after the add had answered, whatever its state was by then. */
  found: FoundMemory | undefined;
}

const say = async (user: string, content: string): Promise<Said> => {
  const { event_id: event, turn_id: turn } = await request<{ event_id: string; turn_id: string }>(
    'POST /v1/turns',
    { user_id: user, messages: [{ role: 'user', content }] },
  );
  const { results } = await request<{ results: FoundMemory[] }>('POST /v3/memories/search', {
    query: content,
    filters: { user_id: user },
    top_k: 10,
  });
  return { event, found: results.find(({ id }) => id.startsWith(turn)) ?? results[0] };
};

const isFinal = ({ status }: EventBody): boolean => !['PENDING', 'RUNNING'].includes(status);

/** The event of a turn, until it is final and for as long as it is shown. */
const Refinement = ({ event: id }: { event: string }) => {
  const [isOver, setOver] = useState(false);
  const load = async () => {
    const event = await request<EventBody>(`GET /v1/events/${id}`);
    setOver(isFinal(event));
    return event;
  };
  const { value: event, error } = useLoaded(id, load, isOver ? undefined : 700);
  if (!event) return error ? <ErrorNote error={error} /> : <Loading />;
  return (
    <>
      <p role="status">
        Then: <Badge state={event.status} /> <a href={placeOf('events', id)}>Event</a>
      </p>
      {isFinal(event) && <Changes changes={event.results} />}
    </>
  );
};

/** Adds a turn, shows what a search finds of it at once, and then what refinement made of it. */
const Saying = ({ user }: { user: string }) => {
  const [text, setText] = useState('');
  const [said, setSaid] = useState<Said>();
  const act = async (): Promise<void> => {
    setSaid(await say(user, text));
    setText('');
  };
  return (
    <section class="card" aria-labelledby="say">
      <h2 id="say">Say something</h2>
      <Form act={act} button="Say">
        <Field label="Words of the user">
          <textarea
            rows={2}
            required
            placeholder="I moved to Seattle, and I am vegetarian."
            value={text}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
        </Field>
      </Form>
      {said && (
        <div class="said">
          <p>
            Found at once: {said.found && <Badge state={said.found.type} />}{' '}
            {said.found?.memory ?? 'nothing'}
          </p>
          <Refinement key={said.event} event={said.event} />
        </div>
      )}
    </section>
  );
};

/** User whom both halves of the page are about; kept while other pages are shown. */
const user = signal('ana');

/** Say something as a user, and search what is remembered of the user. */
export const PlaygroundPage = () => (
  <>
    <div class="filters">
      <Field label="User">
        <input
          value={user.value}
          onInput={({ currentTarget }) => {
            user.value = currentTarget.value;
          }}
        />
      </Field>
    </div>
    {mayWrite.value && <Saying user={user.value} />}
    <Searching user={user.value} />
  </>
);
