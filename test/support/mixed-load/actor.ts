import { isUnsupported } from '../../../functions/api/unsupported-routes.ts';
import type { Random } from '../../../shared/simulation/random.ts';
import type { Answer, Client } from '../in-memory-service.ts';

/** A memory as its only writer knows it. */
export interface Kept {
  id: string;
  /** Word that no other memory has and that every text of the memory keeps. */
  word: string;
  /** Acknowledged texts, oldest first. */
  texts: string[];
  metadata: { owner: string; rank: number };
  /** Last acknowledged opinion. */
  feedback?: string | null;
  /** Whether the texts are kept word for word; a refined text contains the last one. */
  verbatim: boolean;
  /** Event of the add, while the turn may wait. */
  event: string;
}

/** State that all actors of a run share. */
export interface SharedState {
  findings: string[];
  /** Number of answers by operation and status. */
  answers: Map<string, number>;
  /** Acknowledged deletions by word, each with the number of the deletion. */
  deleted: Map<string, number>;
}

/** One client, the only writer of its memories, with one request at a time. */
export interface Actor {
  name: string;
  user: string;
  run: string;
  random: Random;
  kept: Map<string, Kept>;
  shared: SharedState;
  /** Id of the latest export of the run. */
  exported?: string;
  /** Sends a request, and checks the status and that nothing deleted is in the answer. */
  call(request: string, body?: object, allowed?: readonly number[]): Promise<Answer>;
  /** Adds a finding, with the latest requests. */
  report(finding: string): void;
  newWord(): string;
}

const wordPattern = /zq\d+x\d+/g;
/** Ids in paths, which a summary of the requests leaves out. */
const idPattern = /[0-9a-f]{8}-[0-9a-f-]{27}|\b(?:c\d+-run|user-\d+|everybody|(?:org|proj)_\w+)/g;
const remembered = 12;

/** Notes that deletions of these memories are acknowledged. */
export const noteDeleted = (actor: Actor, gone: readonly Kept[]): void => {
  const { deleted } = actor.shared;
  for (const { id, word } of gone) {
    actor.kept.delete(id);
    deleted.set(word, deleted.size + 1);
  }
};

const isExpected = (request: string, status: number): boolean => {
  const [method = '', path = ''] = request.split(' ');
  return status === 501 && isUnsupported(method, path.split('?')[0] ?? '');
};

export interface ActorOptions {
  index: number;
  user: string;
  random: Random;
  send: Client;
  shared: SharedState;
}

/** Creates an actor without memories. */
export const createActor = ({ index, user, random, send, shared }: ActorOptions): Actor => {
  const latest: string[] = [];
  let words = 0;

  const report = (finding: string): void => {
    shared.findings.push(`${finding}\n  latest requests:\n    ${latest.join('\n    ')}`);
  };

  const note = (request: string, body: object | undefined, answer: Answer): void => {
    latest.push(`${answer.status} ${request} ${JSON.stringify(body ?? '').slice(0, 200)}`);
    if (latest.length > remembered) latest.shift();
    const name = `${request.split('?')[0]?.replace(idPattern, ':id')} ${answer.status}`;
    shared.answers.set(name, (shared.answers.get(name) ?? 0) + 1);
  };

  return {
    name: `c${index}`,
    user,
    run: `c${index}-run`,
    random,
    kept: new Map(),
    shared,
    report,
    newWord: () => `zq${index}x${++words}`,
    async call(request, body, allowed = []) {
      const deletedBefore = shared.deleted.size;
      const answer = await send(request, body === undefined ? {} : { body });
      note(request, body, answer);
      const { status } = answer;
      if (status >= 300 && !allowed.includes(status) && !isExpected(request, status))
        report(`${status} of ${request}: ${JSON.stringify(answer.body)}`);
      const shown = new Set(JSON.stringify(answer.body ?? '').match(wordPattern));
      for (const word of shown)
        if ((shared.deleted.get(word) ?? Number.POSITIVE_INFINITY) <= deletedBefore)
          report(`${word} was deleted, and ${request} shows it: ${excerpt(answer.body, word)}`);
      return answer;
    },
  };
};

const excerpt = (body: unknown, word: string): string => {
  const text = JSON.stringify(body);
  const at = text.indexOf(word);
  return text.slice(Math.max(0, at - 300), at + 300);
};
