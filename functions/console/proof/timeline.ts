import type { FaultKind } from '../../../shared/simulation/faults.ts';
import type { Write } from '../../../shared/simulation/memory-table.ts';
import { renderLabel, type TraceEntry } from '../../../shared/simulation/scheduler.ts';
import type { Action, FaultGroup, TimelineEntry } from '../app/simulation.ts';
import { commitInWords } from './commits-in-words.ts';

/** Faults that happen within a step. The effects of other faults show in later steps. */
const faultInWords: { readonly [kind in FaultKind]?: string } = {
  conflict: 'another transaction is under way: refused',
  unavailable: 'the database cannot be reached',
  lostResponse: 'the answer is lost, although the write took effect',
  indexLag: 'some readers see it up to 50 seconds later',
  indexUnavailable: 'the index cannot be reached',
  embedderUnavailable: 'the embedder cannot be reached',
  lostHint: 'the queue loses the message',
  duplicateHint: 'the queue delivers the message twice',
  queueUnavailable: 'the queue cannot be reached',
  modelOutage: 'the model goes down',
};

const groupInWords: { readonly [group in FaultGroup]: string } = {
  crashes: 'crashes',
  database: 'faults of the database',
  queue: 'losses of the queue',
  duplicates: 'duplicates',
  index: 'the lag of the index',
  model: 'outages of the model',
};

type Words = readonly [pattern: RegExp, kind: TimelineEntry['kind'], text: string];

/** A write that was not committed, unless a fault is the cause. */
const refused = 'tries to write, but what the write depends on has changed';

/** Labels of the scheduler, which name calls, in plain words. The first pattern that matches counts. */
const labels: readonly Words[] = [
  [/^CRASHES$/, 'crash', 'crashes: all that it had in memory is gone'],
  [/^again: .*$/, 'fault', 'sends the same write once more'],
  [/^transact .*$/, 'call', refused],
  [/^model decides \d+ knowing *$/, 'call', 'asks the model, which knows nothing yet'],
  [/^model decides \d+ knowing (.*)$/, 'call', 'asks the model, which knows $1'],
  [/^model is probed$/, 'call', 'asks whether the model is back'],
  [/^embed .*$/, 'quiet', 'computes vectors of meaning'],
  [/^send outbox(?:, outbox)*$/, 'quiet', 'queues a message: look for webhooks'],
  [/^send refine.*$/, 'call', 'queues a message: refine what was said'],
  [/^send finish.*$/, 'call', 'queues a message: see whether the index shows it'],
  [/^send index.*$/, 'call', 'queues a message: bring the index up to date'],
  [/^send (.*)$/, 'call', 'queues a message: $1'],
  [/^index upsert .*$/, 'call', 'writes to the index'],
  [/^index remove .*$/, 'call', 'removes entries from the index'],
  [/^index query$/, 'quiet', 'asks the index'],
  [/^index holds .*$/, 'quiet', 'asks whether the index shows the writes'],
  [/^takes hints$/, 'quiet', 'takes messages from the queues'],
  [/^advances .*$/, 'call', 'time jumps ahead'],
  [/^due$/, 'quiet', 'looks for work that is due'],
  [/^wakes$/, 'quiet', 'wakes up'],
  [/^(?:read|query|list) .*$/, 'quiet', 'reads'],
];

const inWords = (label: string): Pick<TimelineEntry, 'kind' | 'text'> => {
  if (label.startsWith('response: ')) return { kind: 'quiet', text: 'gets an answer late' };
  for (const [pattern, kind, text] of labels)
    if (pattern.test(label)) return { kind, text: label.replace(pattern, text) };
  return { kind: 'quiet', text: label };
};

/** Records what processes do, step by step, in plain words and as the scheduler describes it. */
export const createTimeline = () => {
  const entries: TimelineEntry[] = [];
  const raw: string[] = [];
  let loud = 0;

  const add = (entry: Omit<TimelineEntry, 'id'>): void => {
    entries.push({ ...entry, id: entries.length });
    if (entry.kind !== 'quiet') loud += 1;
  };

  /** Replaces the newest entry, which describes the present step. */
  const amend = (change: (entry: TimelineEntry) => Partial<TimelineEntry>): void => {
    const entry = entries.pop();
    if (!entry) return;
    if (entry.kind !== 'quiet') loud -= 1;
    add({ ...entry, ...change(entry) });
  };

  return {
    raw: raw as readonly string[],
    step({ step, at, actor, label }: TraceEntry): void {
      const described = renderLabel(label);
      raw.push(`${step} ${at} ${actor} ${described}`);
      const process = actor === 'settler' ? 'sweeper' : actor;
      add({ step, seconds: at / 1_000, process, ...inWords(described) });
    },
    wrote(writes: readonly Write[]): void {
      const words = commitInWords(writes);
      amend(({ kind, text }) => {
        if (kind === 'crash')
          return {
            text: `${text}. A write under way still takes effect${words ? `: ${words}` : ''}`,
          };
        return words
          ? { kind: 'write', text: words }
          : { kind: 'quiet', text: 'notes what is left to do' };
      });
    },
    fault(fault: FaultKind): void {
      const words = faultInWords[fault];
      if (words !== undefined && !entries.at(-1)?.text.endsWith(words))
        amend(({ kind, text }) => ({
          kind: kind === 'crash' ? kind : 'fault',
          text: `${text === refused ? 'tries to write' : text}: ${words}`,
        }));
    },
    /** Records what the visitor did before the next step. */
    act(step: number, what: Action['what'], isOn: boolean): void {
      const text =
        what === 'crash'
          ? 'crashes a process'
          : `turns ${groupInWords[what]} ${isOn ? 'on' : 'off'}`;
      const seconds = entries.at(-1)?.seconds ?? 0;
      add({ step, seconds, process: 'you', kind: 'action', text });
    },
    acknowledged(step: number, client: string, text: string): void {
      const seconds = entries.at(-1)?.seconds ?? 0;
      add({
        step,
        seconds,
        process: `client ${client}`,
        kind: 'answer',
        text: `“${text}” is acknowledged`,
      });
    },
    newest(limit: number, withQuiet: boolean): TimelineEntry[] {
      const found: TimelineEntry[] = [];
      for (let at = entries.length - 1; at >= 0 && found.length < limit; at--) {
        const entry = entries[at];
        if (entry && (withQuiet || entry.kind !== 'quiet')) found.push(entry);
      }
      return found;
    },
    loudEntries: () => loud,
  };
};
