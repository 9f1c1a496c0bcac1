import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { type Cell, type Colour, coloured, printable, type Screen, tableOf } from './table.ts';

/** Sends a request of the API, and returns its parsed answer. */
export type Call = <S extends z.ZodType>(
  schema: S,
  method: string,
  path: string,
  body?: object,
) => Promise<z.output<S>>;

export interface CommandOptions {
  ids: { readonly [field: string]: string };
  limit: number;
  isJson: boolean;
  /** `add` waits for the refined memories. */
  waits: boolean;
}

export interface Terminal extends Screen {
  print(text: string): void;
}

type Run = (
  terminal: Terminal,
  call: Call,
  argument: string,
  options: CommandOptions,
  signal: AbortSignal,
) => Promise<void>;

const MemoryRow = z.looseObject({
  id: z.string(),
  memory: z.string().nullable(),
  type: z.string().optional(),
  score: z.number().optional(),
  created_at: z.string().optional(),
});
type MemoryRow = z.output<typeof MemoryRow>;
const Memories = z.looseObject({ results: z.array(MemoryRow) });
const EventRow = z.looseObject({
  id: z.string(),
  event_type: z.string(),
  status: z.string(),
  created_at: z.string(),
  results: z.array(z.looseObject({ event: z.string(), memory: z.string().nullish() })).nullish(),
  error: z.unknown(),
});
type EventRow = z.output<typeof EventRow>;
const Events = z.looseObject({ results: z.array(EventRow) });
const Anything = z.looseObject({});

const colours: { readonly [status: string]: Colour } = {
  SUCCEEDED: 'green',
  FAILED: 'red',
  CANCELLED: 'dim',
  PENDING: 'yellow',
  RUNNING: 'yellow',
  rough: 'yellow',
  refined: 'green',
  message: 'dim',
};

const inColour = (text: string): Cell => {
  const colour = colours[text];
  return colour ? { text, colour } : { text };
};

const json = (value: unknown): string => JSON.stringify(value, null, 2);

const timeOf = (iso = ''): string => iso.slice(0, 16).replace('T', ' ');

const memoryTable = (terminal: Terminal, memories: readonly MemoryRow[]): string => {
  const hasScores = memories.some(({ score }) => score !== undefined);
  const columns = [
    ...(hasScores ? [{ title: 'Score', least: 5 }] : []),
    { title: 'Type', least: 7 },
    { title: 'Memory', least: 20 },
    { title: 'Created', least: 16 },
    { title: 'Id', least: 36 },
  ];
  const rows = memories.map(({ id, memory, type = '', score, created_at }): Cell[] => [
    ...(hasScores ? [{ text: score?.toFixed(2) ?? '', colour: 'cyan' as const }] : []),
    inColour(type),
    { text: memory ?? '' },
    { text: timeOf(created_at), colour: 'dim' },
    { text: id, colour: 'dim' },
  ]);
  return tableOf(terminal, columns, rows);
};

const showMemories = (
  terminal: Terminal,
  found: z.output<typeof Memories>,
  { isJson }: CommandOptions,
): void => {
  if (isJson) terminal.print(json(found));
  else
    terminal.print(
      found.results.length === 0 ? 'Nothing is remembered.' : memoryTable(terminal, found.results),
    );
};
const eventCells = ({ id, event_type, status, created_at, results }: EventRow): Cell[] => [
  { text: timeOf(created_at), colour: 'dim' },
  { text: event_type },
  inColour(status),
  {
    text: (results ?? [])
      .map(({ event, memory }) => `${event}${memory ? ` ${memory}` : ''}`)
      .join('; '),
  },
  { text: id, colour: 'dim' },
];

const eventColumns = [
  { title: 'Created', least: 16 },
  { title: 'Kind', least: 6 },
  { title: 'Status', least: 9 },
  { title: 'Changes', least: 20 },
  { title: 'Id', least: 36 },
];

const add: Run = async (terminal, call, text, { ids, isJson, waits }) => {
  const messages = [{ role: 'user', content: text }];
  const added = await call(EventRow.partial(), 'POST', '/v1/turns', {
    ...{ messages, ...ids },
    ...(waits ? { async: false } : {}),
  });
  if (isJson) return terminal.print(json(added));
  const { event_id: event = added.id, status = '' } = added as { event_id?: string } & typeof added;
  terminal.print(`${coloured(terminal, inColour(status))} ${event}`);
  for (const { event: change, memory } of added.results ?? [])
    terminal.print(`${change} ${printable(memory ?? '')}`);
};

const search: Run = async (terminal, call, query, options) => {
  const body = { query, filters: options.ids, top_k: options.limit };
  showMemories(terminal, await call(Memories, 'POST', '/v3/memories/search', body), options);
};

const list: Run = async (terminal, call, _, options) => {
  const path = `/v3/memories?page_size=${options.limit}`;
  showMemories(terminal, await call(Memories, 'POST', path, { filters: options.ids }), options);
};

const get: Run = async (terminal, call, id, { isJson }) => {
  const memory = await call(Anything, 'GET', `/v1/memories/${encodeURIComponent(id)}`);
  if (isJson) return terminal.print(json(memory));
  const rows = Object.entries(memory).filter(([, value]) => value !== null && value !== undefined);
  const cells = rows.map(([name, value]): Cell[] => [
    { text: name, colour: 'dim' },
    { text: typeof value === 'string' ? value : JSON.stringify(value) },
  ]);
  for (const [name, value] of cells)
    terminal.print(
      `${coloured(terminal, { text: (name?.text ?? '').padEnd(18), colour: 'dim' })} ${printable(value?.text ?? '')}`,
    );
};

const remove: Run = async (terminal, call, id, { isJson }) => {
  const answer = await call(Anything, 'DELETE', `/v1/memories/${encodeURIComponent(id)}`);
  terminal.print(isJson ? json(answer) : `Erased ${id}.`);
};

const eventsOf = (call: Call, limit: number) =>
  call(Events, 'GET', `/v1/events?page_size=${limit}`);

const events: Run = async (terminal, call, _, { isJson, limit }) => {
  const found = await eventsOf(call, limit);
  if (isJson) return terminal.print(json(found));
  if (found.results.length === 0) return terminal.print('There are no events.');
  terminal.print(tableOf(terminal, eventColumns, found.results.map(eventCells)));
};

/** Interval of asking for events. */
const watchIntervalMs = 1_000;

/** Prints each event, and again when its status changes, until the signal aborts. */
const watch: Run = async (terminal, call, _, { isJson, limit }, signal) => {
  const seen = new Map<string, string>();
  while (!signal.aborted) {
    const { results } = await eventsOf(call, limit);
    for (const event of results.toReversed()) {
      if (seen.get(event.id) === event.status) continue;
      seen.set(event.id, event.status);
      if (isJson) terminal.print(JSON.stringify(event));
      else
        terminal.print(tableOf(terminal, eventColumns, [eventCells(event)]).split('\n')[1] ?? '');
    }
    await sleep(watchIntervalMs, undefined, { signal }).catch(() => {});
  }
};

/** Commands by name. `argument` names what the command needs. */
export const commands: {
  readonly [name: string]: { run: Run; argument?: string; needsIds?: true };
} = {
  add: { run: add, argument: 'text', needsIds: true },
  search: { run: search, argument: 'query', needsIds: true },
  list: { run: list, needsIds: true },
  get: { run: get, argument: 'id' },
  delete: { run: remove, argument: 'id' },
  events: { run: events },
  watch: { run: watch },
};
