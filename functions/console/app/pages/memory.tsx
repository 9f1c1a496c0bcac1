import { useState } from 'preact/hooks';
import type { Memory, Revision } from '../answers.ts';
import { mayWrite, request } from '../api.ts';
import { Comparison } from '../changes.tsx';
import { formatEntities } from '../format.ts';
import { type LineageNode, type LineageStep, lineageOf } from '../lineage.ts';
import { useLoaded } from '../loading.ts';
import {
  ActionButton,
  Badge,
  Data,
  ErrorNote,
  Facts,
  Field,
  Form,
  Loading,
  When,
} from '../parts.tsx';
import { placeOf } from '../places.ts';
import { goTo } from '../routing.ts';

const names: { readonly [kind in LineageNode['kind']]: string } = {
  rough: 'Rough memory',
  refined: 'Refined memory',
  changed: 'Changed',
  retracted: 'Retracted',
  deleted: 'Deleted',
  replaced: 'Replaced by',
  also: 'Also became',
};

const Node = ({ node }: { node: LineageNode }) => (
  <div class={`node is-${node.kind}`}>
    <strong>{names[node.kind]}</strong> {node.at !== undefined && <When at={node.at} />}
    <p>
      {node.memory === undefined ? (
        node.text
      ) : (
        <a href={placeOf('memories', node.memory)}>{node.text}</a>
      )}
    </p>
  </div>
);

/** The graph as nested lists: each turn with what it led to, so that it can be read in order. */
const Lineage = ({ steps }: { steps: readonly LineageStep[] }) => (
  <ol class="lineage">
    {steps.map(({ said, at, led }) => (
      <li key={at}>
        <div class="node is-turn">
          <strong>{said === '' ? 'Edit, or a turn without words' : 'Turn'}</strong> <When at={at} />
          {said !== '' && <p>{said}</p>}
        </div>
        <ol>
          {led.map((node, position) => (
            <li key={`${position}:${node.kind}`}>
              <Node node={node} />
            </li>
          ))}
        </ol>
      </li>
    ))}
  </ol>
);

/** Changes of a memory, oldest first, each with the words that caused it. */
const History = ({ history }: { history: readonly Revision[] }) => (
  <ol class="plain">
    {history.map((revision) => (
      <li key={revision.id} class="card">
        <p>
          <Badge state={revision.event} /> <When at={revision.created_at} />
        </p>
        <Comparison before={revision.old_memory} after={revision.new_memory} />
        <details>
          <summary>Sources</summary>
          <ul>
            {revision.input.map(({ role, content }, at) => (
              <li key={`${at}:${role}`}>
                <strong>{role}</strong>: {content}
              </li>
            ))}
          </ul>
        </details>
      </li>
    ))}
  </ol>
);

const metadataIn = (text: string): object => {
  const parsed: unknown = JSON.parse(text);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw new Error('Metadata must be a JSON object.');
  return parsed;
};

const Editor = ({ memory, onSaved }: { memory: Memory; onSaved: () => void }) => {
  const [text, setText] = useState(memory.memory);
  const [metadata, setMetadata] = useState(JSON.stringify(memory.metadata));
  const save = async (): Promise<void> => {
    await request(`PUT /v1/memories/${memory.id}`, { text, metadata: metadataIn(metadata) });
    onSaved();
  };
  const remove = async (): Promise<void> => {
    await request(`DELETE /v1/memories/${memory.id}`);
    goTo(placeOf('memories'));
  };
  return (
    <details class="card">
      <summary>Edit or delete</summary>
      <Form act={save} button="Save">
        <Field label="Text">
          <textarea
            rows={3}
            value={text}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
        </Field>
        <Field label="Metadata (JSON)">
          <textarea
            rows={2}
            value={metadata}
            onInput={({ currentTarget }) => setMetadata(currentTarget.value)}
          />
        </Field>
      </Form>
      <p class="actions">
        <ActionButton act={remove} confirm="Delete this memory and its history for good?">
          Delete
        </ActionButton>
      </p>
    </details>
  );
};

const isClosed = ({ lifecycle_state: state }: Memory): boolean =>
  state === 'superseded' || state === 'retracted';

/** Whether a write can change the memory: a key may write, and the memory is neither closed nor immutable. */
const isEditable = (memory: Memory): boolean =>
  mayWrite.value && !isClosed(memory) && memory.immutable !== true;

const loadMemory = async (id: string) => {
  const path = `/v1/memories/${encodeURIComponent(id)}`;
  const [memory, history] = await Promise.all([
    request<Memory>(`GET ${path}`),
    request<Revision[]>(`GET ${path}/history`),
  ]);
  return { memory, history };
};

/** Page of a memory: text, lineage, history with sources; edit and delete. */
export const MemoryView = ({ id }: { id: string }) => {
  const { value, error, reload } = useLoaded(id, () => loadMemory(id), 5_000);
  if (!value) return error ? <ErrorNote error={error} /> : <Loading />;
  const { memory, history } = value;
  return (
    <>
      <p>
        <a href={placeOf('memories')}>All memories</a>{' '}
        <Badge state={isClosed(memory) ? (memory.lifecycle_state ?? '') : memory.type} />
      </p>
      <blockquote class="memory">{memory.memory}</blockquote>
      <Facts
        facts={[
          ['Of', formatEntities(memory)],
          ['Kind', memory.kind ?? '–'],
          ['Categories', (memory.categories ?? []).join(', ') || '–'],
          ['Created', <When at={memory.created_at} />],
          ['Changed', <When at={memory.updated_at} />],
          ['Id', memory.id],
        ]}
      />
      {isEditable(memory) && <Editor key={memory.updated_at} memory={memory} onSaved={reload} />}
      {Object.keys(memory.metadata).length > 0 && (
        <>
          <h2>Metadata</h2>
          <Data label="Metadata" value={memory.metadata} />
        </>
      )}
      <h2>Lineage</h2>
      <Lineage steps={lineageOf(memory, history)} />
      <h2>History</h2>
      <History history={history} />
    </>
  );
};
