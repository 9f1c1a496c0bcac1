import type { Change } from './answers.ts';
import { type DiffPart, diffWords } from './diff.ts';
import { Badge, Empty } from './parts.tsx';
import { placeOf } from './places.ts';

/** Side of a comparison: the words that both texts have, and its own ones marked. */
const Side = ({ parts, side }: { parts: readonly DiffPart[]; side: 'old' | 'new' }) => {
  const Mark = side === 'old' ? 'del' : 'ins';
  return (
    <p class={`side is-${side}`}>
      {parts
        .filter(({ kind }) => kind === 'both' || kind === side)
        .map(({ kind, text }, at) =>
          kind === 'both' ? text : <Mark key={`${at}:${text}`}>{text}</Mark>,
        )}
    </p>
  );
};

/** Old and new text side by side. Texts of memories are untrusted: they become text nodes, never markup. */
export const Comparison = ({
  before,
  after,
}: {
  before?: string | null;
  after?: string | null;
}) => {
  const parts = diffWords(before ?? '', after ?? '');
  return (
    <div class="comparison">
      <div>
        <p class="side-name">Before</p>
        {before == null ? <Empty>Nothing</Empty> : <Side parts={parts} side="old" />}
      </div>
      <div>
        <p class="side-name">After</p>
        {after == null ? <Empty>Nothing</Empty> : <Side parts={parts} side="new" />}
      </div>
    </div>
  );
};

const ChangeItem = ({ change }: { change: Change }) => {
  const { id, event, memory, previous_memory: before, reason } = change;
  return (
    <li class="card">
      <p>
        <Badge state={event} />{' '}
        {id !== null && event !== 'DELETE' && <a href={placeOf('memories', id)}>Memory</a>} {reason}
      </p>
      {event !== 'NONE' && <Comparison before={before ?? null} after={memory} />}
    </li>
  );
};

/** The changes that an event made, each with the text before and after. */
export const Changes = ({ changes }: { changes: readonly Change[] }) =>
  changes.length === 0 ? (
    <Empty>No memory changed.</Empty>
  ) : (
    <ol class="plain">
      {changes.map((change, at) => (
        <ChangeItem key={`${at}:${change.id}`} change={change} />
      ))}
    </ol>
  );
