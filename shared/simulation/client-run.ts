import type { MemoryView } from '../domain/memory/memory.ts';
import type { Platform } from '../ports/platform.ts';
import { factsIn } from './fact-language.ts';
import { readAndCheck, type SimulatedService, user } from './simulated-service.ts';
import type { TopicLog } from './topic-log.ts';

/** State of a client; survives a crash of the process that serves the client. */
export interface Client {
  name: string;
  topics: readonly string[];
  log: TopicLog;
  remaining: number;
  /** Topics whose value is unknown if the current operation gets no response. */
  uncertainTopics: readonly string[];
  turns: string[];
  lastTexts: string[];
  valueCount: number;
}

/** A client with the process that serves its present operation. */
export type ClientRun = { service: SimulatedService; platform: Platform; client: Client };

/** A value that nothing else has. */
export const freshValue = ({ client }: ClientRun): string => `${client.name}${++client.valueCount}`;

/** The turn of the client's last add. */
export const lastTurn = ({ service, client }: ClientRun) => {
  const id = client.turns.at(-1);
  return id === undefined ? undefined : service.history.turns.get(id)?.turn;
};

export const lastTopics = (client: Client): string[] =>
  client.lastTexts.flatMap((text) => factsIn(text).map(({ topic }) => topic));

export const readMemories = async (run: ClientRun): Promise<readonly MemoryView[]> => {
  const { service, platform } = run;
  const method = service.random.chance(0.5) ? 'list' : 'search';
  return readAndCheck(service, platform, { kind: 'user', id: user }, method);
};

export const topicOf = (view: MemoryView): string => factsIn(view.text)[0]?.topic ?? '';

export const isRefined = ({ rough, message }: MemoryView): boolean => !rough && !message;

/** Refined memories of the client's topics. */
export const ownMemories = async (run: ClientRun): Promise<MemoryView[]> =>
  (await readMemories(run)).filter(
    (view) => isRefined(view) && run.client.topics.includes(topicOf(view)),
  );
