import type { Platform } from '../../../shared/ports/platform.ts';
import { factsIn } from './fact-language.ts';
import type { SimulatedService } from './simulated-service.ts';
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
