import { isDeepStrictEqual } from 'node:util';
import type { Answer } from '../in-memory-service.ts';
import type { Actor, Kept } from './actor.ts';

type Body = Answer['body'];

const lastText = ({ texts }: Kept): string => texts.at(-1) ?? '';

const isCurrent = (kept: Kept, text: unknown): boolean =>
  typeof text === 'string' &&
  (kept.verbatim || kept.texts.length > 1
    ? text.endsWith(lastText(kept))
    : text.includes(lastText(kept)));

/** Reports a memory whose text or metadata is not the last one that was acknowledged. */
const checkShown = (actor: Actor, kept: Kept, shown: Body, where: string): void => {
  if (!isCurrent(kept, shown.memory))
    actor.report(`${where} shows ${JSON.stringify(shown.memory)}; acknowledged: ${lastText(kept)}`);
  if (shown.metadata !== undefined && !isDeepStrictEqual(shown.metadata, kept.metadata))
    actor.report(
      `${where} shows metadata ${JSON.stringify(shown.metadata)}; acknowledged: ${JSON.stringify(kept.metadata)}`,
    );
};

/** Reads one memory and compares it. */
export const checkGet = async (actor: Actor, kept: Kept): Promise<void> => {
  const { status, body } = await actor.call(`GET /v1/memories/${kept.id}`);
  if (status !== 200) return;
  checkShown(actor, kept, body, `GET of ${kept.id}`);
  const { feedback = null } = kept;
  if ((body.feedback ?? null) !== feedback)
    actor.report(
      `GET of ${kept.id} shows the feedback ${body.feedback}; acknowledged: ${feedback}`,
    );
};

/** Reads a history: its texts are those that were acknowledged, in their order. */
export const checkHistory = async (actor: Actor, kept: Kept): Promise<void> => {
  const { status, body } = await actor.call(`GET /v1/memories/${kept.id}/history`);
  if (status !== 200) return;
  const texts: string[] = body.map((entry: Body) => entry.new_memory);
  const expected = kept.verbatim ? kept.texts.slice(-100) : [lastText(kept)];
  const shown = kept.verbatim ? texts : texts.slice(-1);
  const isEqual =
    shown.length === expected.length &&
    shown.every((text, at) =>
      kept.verbatim ? text === expected[at] : text.includes(expected[at] ?? ''),
    );
  if (!isEqual)
    actor.report(
      `the history of ${kept.id} is ${JSON.stringify(texts)}; acknowledged: ${JSON.stringify(kept.texts)}`,
    );
  for (const [at, entry] of body.entries())
    if (at > 0 && entry.old_memory !== body[at - 1].new_memory)
      actor.report(`entry ${at} of the history of ${kept.id} does not follow the one before it`);
};

/** Lists the run of the actor, its only writer: it is exactly what was acknowledged. */
export const checkRun = async (actor: Actor): Promise<void> => {
  const filters = { run_id: actor.run };
  const { status, body } = await actor.call('POST /v3/memories?page_size=200', { filters });
  if (status !== 200) return;
  const shown = new Map<string, Body>(body.results.map((result: Body) => [result.id, result]));
  for (const kept of actor.kept.values()) {
    const one = shown.get(kept.id);
    if (one) checkShown(actor, kept, one, `the list of ${actor.run}`);
    else actor.report(`the list of ${actor.run} lacks ${kept.id} (${lastText(kept)})`);
  }
  for (const id of shown.keys())
    if (!actor.kept.has(id)) actor.report(`the list of ${actor.run} has ${id}, which nobody keeps`);
};

/** Searches for the word of one memory, which has to be found. */
export const checkSearch = async (actor: Actor, kept: Kept): Promise<void> => {
  const body = { query: `tea ${kept.word}`, filters: { run_id: actor.run }, top_k: 50 };
  const found = await actor.call('POST /v3/memories/search', body);
  if (found.status !== 200) return;
  const own = found.body.results.filter((result: Body) => result.id === kept.id);
  for (const one of own) checkShown(actor, kept, one, `the search for ${kept.word}`);
  if (own.length === 0) actor.report(`the search for ${kept.word} does not find ${kept.id}`);
};
