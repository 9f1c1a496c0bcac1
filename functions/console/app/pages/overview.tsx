import type { EventBody, Health, Page, Stats, Usage } from '../answers.ts';
import { may, request } from '../api.ts';
import { Chart } from '../chart.tsx';
import { formatCount, formatDuration, shortId } from '../format.ts';
import { useLoaded } from '../loading.ts';
import { Badge, Empty, ErrorNote, Facts, Loading, When } from '../parts.tsx';
import { placeOf } from '../places.ts';
import { loadUsage } from '../usage.ts';

const pollMs = 10_000;
const hourMs = 3_600_000;

const HealthCard = () => {
  const load = () => request<Health>('GET /v1/health');
  const { value, error } = useLoaded('health', load, pollMs);
  return (
    <section class="card" aria-labelledby="health">
      <h2 id="health">Health</h2>
      <ErrorNote error={error} />
      {value && (
        <Facts
          facts={[
            ['Service', <Badge state={value.status} />],
            ...Object.entries(value.health).map(([part, { status, code, since }]) => {
              const why = code === undefined ? '' : ` ${code}`;
              const state = (
                <>
                  <Badge state={status} />
                  {why} {since !== undefined && <When at={since} />}
                </>
              );
              return [part, state] as const;
            }),
            [
              'Refines with',
              `${value.model}${value.quality === 'basic' ? ', no language model' : ''}`,
            ],
            ['Embeds with', value.embedder],
            ['Version', value.version],
          ]}
        />
      )}
    </section>
  );
};

const events = (query: string) => request<Page<EventBody>>(`GET /v1/events?${query}`);

/** Work that is left. The list is newest first, so its last page has the oldest. */
const loadWork = async () => {
  const open = 'status=PENDING,RUNNING&page_size=1';
  const [newest, failed] = await Promise.all([events(open), events('status=FAILED&page_size=1')]);
  const { count } = newest;
  const last = count > 1 ? await events(`${open}&page=${count}`).catch(() => newest) : newest;
  return { waiting: count, oldest: last.results[0], failed: failed.count };
};

const WorkCard = () => {
  const { value, error } = useLoaded('work', loadWork, pollMs);
  return (
    <section class="card" aria-labelledby="work">
      <h2 id="work">Work</h2>
      <ErrorNote error={error} />
      {!value && !error && <Loading />}
      {value && (
        <Facts
          facts={[
            ['Waiting or running', formatCount(value.waiting)],
            [
              'Oldest of it',
              value.oldest ? (
                <>
                  <a href={placeOf('events', value.oldest.id)}>{shortId(value.oldest.id)}</a>{' '}
                  {formatDuration(Date.now() - Date.parse(value.oldest.created_at))} old
                </>
              ) : (
                '–'
              ),
            ],
            [
              'Failed',
              value.failed === 0 ? (
                '0'
              ) : (
                <a href={`${placeOf('events')}?status=FAILED`}>{formatCount(value.failed)}</a>
              ),
            ],
          ]}
        />
      )}
    </section>
  );
};

const ContentCard = () => {
  const load = () => request<Stats>('GET /v1/stats');
  const { value, error } = useLoaded('stats', load, 60_000);
  return (
    <section class="card" aria-labelledby="counts">
      <h2 id="counts">Content</h2>
      <ErrorNote error={error} />
      {value && (
        <Facts
          facts={[
            ['Memories', formatCount(value.total_memories)],
            ['Users', formatCount(value.total_users)],
            ['Agents', formatCount(value.total_agents)],
            ['Apps', formatCount(value.total_apps)],
            ['Runs', formatCount(value.total_runs)],
          ]}
        />
      )}
    </section>
  );
};

/** Every hour of the last day with its counts, hours without requests included. */
const hoursOf = (usage: Usage) => {
  const now = Math.floor(Date.now() / hourMs) * hourMs;
  return Array.from({ length: 24 }, (_, at) => {
    const time = now - (23 - at) * hourMs;
    return { time, counts: usage.results.find(({ hour }) => Date.parse(hour) === time) };
  });
};

type Counted =
  | ('adds' | 'searches' | 'errors' | 'limited')
  | ('refinements' | 'deliveries' | 'failed_deliveries');

const UsageCharts = () => {
  const { value, error } = useLoaded('usage', () => loadUsage(), 60_000);
  if (!value) return error ? <ErrorNote error={error} /> : <Loading />;
  const hours = hoursOf(value);
  const times = hours.map(({ time }) => time / 1_000);
  const series = (label: string, color: string, name: Counted) => ({
    label,
    color,
    values: hours.map(({ counts }) => counts?.[name] ?? 0),
  });
  const charts = [
    [
      'Adds, searches and refinements, by hour',
      series('Adds', '--one', 'adds'),
      series('Searches', '--two', 'searches'),
      series('Refinements', '--three', 'refinements'),
    ],
    [
      'Deliveries of webhooks, by hour',
      series('Accepted', '--one', 'deliveries'),
      series('Failed', '--bad', 'failed_deliveries'),
    ],
    [
      'Errors and limited requests, by hour',
      series('Errors', '--bad', 'errors'),
      series('Limited', '--two', 'limited'),
    ],
  ] as const;
  return (
    <div class="cards">
      {charts.map(([title, ...shown]) => (
        <Chart
          key={title}
          title={title}
          times={times}
          isWhole
          format={formatCount}
          series={shown}
        />
      ))}
    </div>
  );
};

const formatCost = ({ model_cost: cost, tokens }: Usage['total']): string => {
  if (cost !== null) return `$${cost.toFixed(cost < 1 ? 4 : 2)}`;
  return tokens.prompt === 0 ? 'none: no tokens' : 'set TURNSTONE_MODEL_PRICES';
};

const maxDays = 31;

/** Tokens of the language model and what they cost, of the last 31 days. */
const TokenCard = () => {
  const { value, error } = useLoaded('tokens', () => {
    const since = new Date(Date.now() - maxDays * 24 * hourMs).toISOString();
    return loadUsage({ since });
  });
  const total = value?.total;
  return (
    <section class="card" aria-labelledby="tokens">
      <h2 id="tokens">Language model, {maxDays} days</h2>
      <ErrorNote error={error} />
      {!total && !error && <Loading />}
      {total && (
        <Facts
          facts={[
            ['Refinements', formatCount(total.refinements)],
            ['Tokens in', formatCount(total.tokens.prompt)],
            ['Tokens out', formatCount(total.tokens.completion)],
            ['Cost', formatCost(total)],
          ]}
        />
      )}
    </section>
  );
};

/** The newest refinements: how long each took, and the tokens of all. */
const Refinements = () => {
  const load = () => events('event_type=ADD&status=SUCCEEDED&page_size=100');
  const { value, error } = useLoaded('refinements', load, 30_000);
  if (!value) return error ? <ErrorNote error={error} /> : <Loading />;
  const done = value.results.toReversed().filter(({ latency }) => latency !== null);
  if (done.length === 0) return <Empty>Nothing was refined yet.</Empty>;
  const sum = (kind: 'prompt' | 'completion'): string =>
    formatCount(done.reduce((total, { tokens }) => total + tokens[kind], 0));
  return (
    <>
      <Chart
        title={`From add to refined memory, the newest ${done.length}`}
        times={done.map(({ created_at }) => Date.parse(created_at) / 1_000)}
        format={formatDuration}
        series={[
          { label: 'Time', color: '--one', values: done.map(({ latency }) => latency ?? 0) },
        ]}
      />
      <p class="hint">
        Tokens of these: {sum('prompt')} in, {sum('completion')} out.
      </p>
    </>
  );
};

/** State of the service and of the project. Charts of usage take the permission `admin`. */
export const OverviewPage = () => (
  <>
    <div class="cards are-facts">
      <HealthCard />
      {may('read') && <WorkCard />}
      {may('read') && <ContentCard />}
      {may('admin') && <TokenCard />}
    </div>
    {may('admin') && <UsageCharts />}
    {may('read') && <Refinements />}
  </>
);
