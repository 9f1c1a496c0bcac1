import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { formatTime } from './format.ts';
import { useAction } from './loading.ts';

type Children = { children: ComponentChildren };

/** State of something, as a word with a colour. */
export const Badge = ({ state }: { state: string }) => (
  <span class={`badge is-${state.toLowerCase()}`}>{state}</span>
);

export const When = ({ at }: { at: string }) => (
  <time dateTime={at} title={at}>
    {formatTime(at)}
  </time>
);

export const ErrorNote = ({ error }: { error: string | undefined }) =>
  error ? (
    <p class="note is-error" role="alert">
      {error}
    </p>
  ) : null;

export const Empty = ({ children }: Children) => <p class="empty">{children}</p>;

export const Loading = () => (
  <p class="empty" role="status">
    Loading…
  </p>
);

/** A labelled control. */
export const Field = ({ label, children }: { label: string } & Children) => (
  // biome-ignore lint/a11y/noLabelWithoutControl: the control is the child
  <label class="field">
    <span>{label}</span>
    {children}
  </label>
);

/** Names with their values. */
export const Facts = ({
  facts,
}: {
  facts: readonly (readonly [name: string, value: ComponentChildren])[];
}) => (
  <dl class="facts">
    {facts.map(([name, value]) => (
      <div key={name}>
        <dt>{name}</dt>
        <dd>{value}</dd>
      </div>
    ))}
  </dl>
);

/** Data of any form, as indented text. */
export const Data = ({ label, value }: { label: string; value: unknown }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls has to be reached by keyboard
  <section class="data" aria-label={label} tabIndex={0}>
    <pre>{typeof value === 'string' ? value : JSON.stringify(value, null, 2)}</pre>
  </section>
);

/** A table that scrolls sideways where the screen is narrow. */
export const Table = ({
  label,
  columns,
  children,
}: { label: string; columns: readonly string[] } & Children) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls has to be reached by keyboard
  <section class="scrolls" aria-label={label} tabIndex={0}>
    <table>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column} scope="col">
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  </section>
);

interface ActionProps extends Children {
  act: () => Promise<unknown>;
  /** Question to answer before the action, which cannot be undone. */
  confirm?: string;
}

/** Button of an action: disabled while the action runs, with its error beside it. */
export const ActionButton = ({ act, confirm, children }: ActionProps) => {
  const [isAsked, setAsked] = useState(false);
  const { run, isBusy, error } = useAction(act);
  if (isAsked)
    return (
      <span class="confirm">
        <span>{confirm}</span>
        <button
          type="button"
          class="is-danger"
          onClick={() => {
            setAsked(false);
            void run();
          }}
        >
          Yes
        </button>
        <button type="button" ref={(button) => button?.focus()} onClick={() => setAsked(false)}>
          No
        </button>
      </span>
    );
  return (
    <span class="action">
      <button
        type="button"
        disabled={isBusy}
        class={confirm === undefined ? '' : 'is-danger'}
        onClick={() => (confirm === undefined ? void run() : setAsked(true))}
      >
        {children}
      </button>
      <ErrorNote error={error} />
    </span>
  );
};

/** A form that sends by its button or by Enter. */
export const Form = ({
  act,
  button,
  children,
}: { act: () => Promise<unknown>; button: string } & Children) => {
  const { run, isBusy, error } = useAction(act);
  return (
    <form
      onSubmit={(submitted) => {
        submitted.preventDefault();
        void run();
      }}
    >
      {children}
      <button type="submit" class="is-main" disabled={isBusy}>
        {button}
      </button>
      <ErrorNote error={error} />
    </form>
  );
};

/** A secret that is shown once, to be copied. */
export const Secret = ({ label, value }: { label: string; value: string }) => {
  const [isCopied, setCopied] = useState(false);
  // Browsers offer the clipboard to secure pages only; elsewhere the text is copied by hand.
  const copy = () => void navigator.clipboard?.writeText(value).then(() => setCopied(true));
  return (
    <div class="note is-secret" role="status">
      <span>{label}</span>
      <code>{value}</code>
      <button type="button" onClick={() => copy()}>
        {isCopied ? 'Copied' : 'Copy'}
      </button>
    </div>
  );
};

interface PagerProps {
  page: number;
  size: number;
  count: number;
  onPage: (page: number) => void;
}

export const Pager = ({ page, size, count, onPage }: PagerProps) => {
  const last = Math.max(1, Math.ceil(count / size));
  if (last === 1) return null;
  return (
    <nav class="pager" aria-label="Pages of the list">
      <button type="button" disabled={page <= 1} onClick={() => onPage(page - 1)}>
        Newer
      </button>
      <span>
        Page {page} of {last}
      </span>
      <button type="button" disabled={page >= last} onClick={() => onPage(page + 1)}>
        Older
      </button>
    </nav>
  );
};
