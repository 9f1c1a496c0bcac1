import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { runScript } from '../support/service.ts';
import { useProcesses } from '../support/use-processes.ts';

const key = 'crash-test-0123456789';
const { start, ending, file } = useProcesses(key);
const turns = 120;
const perSession = 40;
const user = 'locomo-0';

const pets = ['cat', 'dog', 'parrot', 'rabbit', 'pony'];
const idOf = (turn: number): string => `D1:${turn}`;

/** Makes a conversation of two people in which every line has a fact of its own. */
const writeConversation = (path: string): void => {
  const lines = Array.from({ length: turns }, (_, i) => ({
    speaker: i % 2 === 0 ? 'Ada' : 'Bram',
    dia_id: idOf(i),
    text: `I adopted ${pets[i % pets.length]} number ${i} from a shelter in town ${i * 7}.`,
  }));
  const sessions = Array.from({ length: turns / perSession }, (_, i) => [
    [`session_${i + 1}`, lines.slice(i * perSession, (i + 1) * perSession)],
    [`session_${i + 1}_date_time`, `${(i % 11) + 1}:56 pm on ${i + 1} May, 2023`],
  ]);
  const qa = [
    { question: 'Who adopted cat number 0?', answer: 'Ada', evidence: [idOf(0)], category: 4 },
  ];
  const conversation = Object.fromEntries(sessions.flat());
  writeFileSync(path, JSON.stringify([{ sample_id: 'made-up', conversation, qa }]));
};

const ingest = (url: string) => {
  const args = [file('made-up.json'), '--url', url, '--questions', '1'];
  return ending(runScript('ingest', { TURNSTONE_API_KEY: key }, ...args));
};

const Page = <S extends z.ZodType>(item: S) =>
  z.object({ next: z.string().nullable(), results: z.array(item) });
const Event = z.object({
  id: z.string(),
  status: z.string(),
  attempts: z.number(),
  turn_id: z.string(),
  metadata: z.object({ dia_id: z.string() }),
  results: z.array(z.object({ event: z.string(), id: z.string().nullable() })),
});
const Memory = z.object({ id: z.string(), memory: z.string(), type: z.string() });
const Revision = z.object({ id: z.string() });

const call = async <S extends z.ZodType>(schema: S, url: string, body?: object) => {
  const response = await fetch(url, {
    headers: { authorization: `Token ${key}`, 'content-type': 'application/json' },
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
  });
  return schema.parse(await response.json());
};

const everyPage = async <S extends z.ZodType>(item: S, url: string, body?: object) => {
  const found: z.output<S>[] = [];
  for (let page = 1; ; page++) {
    const paged = `${url}?page=${page}&page_size=100`;
    const { results, next } = await call(Page(item), paged, body);
    found.push(...results);
    if (next === null) return found;
  }
};

const eventsOf = (url: string) => everyPage(Event, `${url}/v1/events`);

const refinedEvents = async (url: string) => {
  for (;;) {
    const events = await eventsOf(url);
    if (events.every(({ status }) => status !== 'PENDING' && status !== 'RUNNING')) return events;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
};

/** Waits until one more event is refined, and returns the refined ones, newest first. */
const justRefined = async (url: string) => {
  const events = await eventsOf(url);
  const next = events.findLast(({ status }) => status !== 'SUCCEEDED');
  const seen = await call(Event, `${url}/v1/events/${next?.id}?wait=25`);
  return [seen, ...events.filter(({ status }) => status === 'SUCCEEDED')];
};

const turnsOf = (events: readonly z.output<typeof Event>[]): number[] =>
  events.map(({ metadata }) => Number(metadata.dia_id.slice(3))).sort((a, b) => a - b);

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

it.each([
  { during: 'the adds', moment: /added 48\//, seen: async () => [] },
  { during: 'the refinement', moment: /refined 48\//, seen: justRefined },
])(
  'a kill during $during of an ingest loses no acknowledged turn and refines none twice',
  async ({ moment, seen }) => {
    writeConversation(file('made-up.json'));
    const first = await start();
    const broken = ingest(first.url);
    await broken.shows(moment);
    const refined = await seen(first.url);
    first.child.kill('SIGKILL');
    const brokenCode = await broken.ended;
    const [, reached, phase] = /(\d+) of 120 turns were (added|refined)/.exec(broken.err()) ?? [];
    const acknowledged = phase === 'added' ? Number(reached) : turns;

    const second = await start();
    const survivors = await refinedEvents(second.url);
    const again = ingest(second.url);
    const code = await again.ended;
    const events = await eventsOf(second.url);
    const turnIds = new Set(events.map(({ turn_id: turn }) => turn));
    const memories = await everyPage(Memory, `${second.url}/v3/memories`, {
      filters: { user_id: user },
    });
    const histories = await Promise.all(
      memories.map(({ id }) => call(z.array(Revision), `${second.url}/v1/memories/${id}/history`)),
    );

    expect(brokenCode).toBe(1);
    // The kill came in the middle.
    expect(Number(reached)).toBeGreaterThanOrEqual(48);
    expect(Number(reached)).toBeLessThan(turns);
    // A further turn may have been committed, if the kill cut off its response.
    expect([acknowledged, acknowledged + 1]).toContain(survivors.length);
    expect(turnsOf(survivors)).toEqual(upTo(survivors.length));
    expect(new Set(survivors.map(({ status }) => status))).toEqual(new Set(['SUCCEEDED']));
    // Events that were refined before the kill are unchanged.
    const known = new Set(refined.map(({ id }) => id));
    expect(survivors.filter(({ id }) => known.has(id))).toEqual(refined);
    expect(code, again.err()).toBe(0);
    expect(again.out()).toContain('for 1 of 1 questions');
    expect(turnsOf(events)).toEqual(upTo(turns));
    expect(new Set(events.map(({ status }) => status))).toEqual(new Set(['SUCCEEDED']));
    const added = events.flatMap(({ results }) =>
      results.flatMap(({ event, id }) => (event === 'ADD' ? [id] : [])),
    );
    expect(added.toSorted()).toEqual(memories.map(({ id }) => id).toSorted());
    expect(new Set(memories.map(({ memory }) => memory)).size).toBe(turns);
    expect(memories.every(({ type }) => type === 'refined')).toBe(true);
    // No version is missing or doubled. Version 0 is what was said.
    for (const [i, history] of histories.entries()) {
      const first = memories[i]?.id && turnIds.has(memories[i].id) ? 0 : 1;
      expect(history.map(({ id }) => id)).toEqual(
        history.map((_, version) => `${memories[i]?.id}:${version + first}`),
      );
    }
  },
  180_000,
);
