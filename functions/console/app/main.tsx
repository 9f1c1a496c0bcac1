import { render } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { restoreSession, session } from './api.ts';
import { EventsPage } from './pages/events.tsx';
import { KeysPage } from './pages/keys.tsx';
import { MemoriesPage } from './pages/memories.tsx';
import { OverviewPage } from './pages/overview.tsx';
import { PlaygroundPage } from './pages/playground.tsx';
import { ProofPage } from './pages/proof.tsx';
import { WebhooksPage } from './pages/webhooks.tsx';
import { placeOf } from './places.ts';
import { followAddress, place } from './routing.ts';
import { SessionBar, SignInPage } from './session.tsx';

const pages = [
  { name: 'overview', title: 'Overview', Page: OverviewPage },
  { name: 'playground', title: 'Playground', Page: PlaygroundPage },
  { name: 'events', title: 'Events', Page: EventsPage },
  { name: 'memories', title: 'Memories', Page: MemoriesPage },
  { name: 'webhooks', title: 'Webhooks', Page: WebhooksPage },
  { name: 'keys', title: 'Keys', Page: KeysPage },
  { name: 'proof', title: 'The proof', Page: ProofPage },
] as const;

/** Scrolls the links to that of the current page. `scrollIntoView` would also make it the place where the keyboard starts. */
const scrollToCurrent = (nav: HTMLElement | null): void => {
  const link = nav?.querySelector<HTMLElement>('[aria-current]');
  if (nav && link) nav.scrollLeft = link.offsetLeft - nav.offsetLeft - nav.clientWidth / 3;
};

/** Links to the pages, of which a narrow screen shows a part. */
const Navigation = ({ current }: { current: string }) => {
  const nav = useRef<HTMLElement>(null);
  useEffect(() => scrollToCurrent(nav.current), [current]);
  return (
    <nav class="pages" aria-label="Pages" ref={nav}>
      <ul>
        {pages.map(({ name, title }) => (
          <li key={name}>
            <a href={placeOf(name)} aria-current={name === current ? 'page' : undefined}>
              {title}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
};

/** The signed-in console. A change of page moves the focus to its heading, as the load of a document would. */
const Console = () => {
  const { page, id } = place.value;
  const { name, title, Page } = pages.find((one) => one.name === page) ?? pages[0];
  const heading = useRef<HTMLHeadingElement>(null);
  const isFirst = useRef(true);

  useEffect(() => {
    document.title = `${title} · Turnstone`;
    if (!isFirst.current) heading.current?.focus();
    isFirst.current = false;
  }, [name, id]);

  return (
    <>
      <button type="button" class="skip" onClick={() => heading.current?.focus()}>
        Skip to the content
      </button>
      <header class="top">
        <span class="brand">Turnstone</span>
        <Navigation current={name} />
        <SessionBar />
      </header>
      <main id="content">
        <h1 tabIndex={-1} ref={heading}>
          {title}
        </h1>
        <Page key={id} id={id} />
      </main>
    </>
  );
};

const App = () => (session.value ? <Console /> : <SignInPage />);

const start = async (): Promise<void> => {
  const root = document.getElementById('app');
  if (!root) throw new Error('The page has no element for the console.');
  followAddress();
  await restoreSession();
  render(<App />, root);
};

void start();
