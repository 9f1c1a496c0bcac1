import { expect, it } from 'vitest';
import { createRandom } from '../../../shared/simulation/random.ts';
import type { Answer } from '../../support/in-memory-service.ts';
import { createActor, type Kept, noteDeleted } from '../../support/mixed-load/actor.ts';
import { checkGet, checkHistory, checkRun, checkSearch } from '../../support/mixed-load/checks.ts';

const kept: Kept = {
  ...{ id: 'm1', word: 'zq1x1', verbatim: true, event: 'e1' },
  texts: ['zq1x1 likes tea.', 'zq1x1 likes mint tea.'],
  metadata: { owner: 'c1', rank: 1 },
};
const right = { id: 'm1', memory: 'zq1x1 likes mint tea.', metadata: kept.metadata };

/** An actor that keeps one memory, of a service that answers everything alike. */
const actorOf = (body: Answer['body'], status = 200) => {
  const shared = { findings: [] as string[], answers: new Map(), deleted: new Map() };
  const send = async () => ({ status, headers: new Headers(), body });
  const actor = createActor({ index: 1, user: 'u', random: createRandom(1), send, shared });
  actor.kept.set(kept.id, kept);
  return { actor, findings: shared.findings };
};

it('a memory as it was acknowledged is no finding', async () => {
  const { actor, findings } = actorOf(right);

  await checkGet(actor, kept);

  expect(findings).toEqual([]);
});

it.each([
  ['an earlier text', { ...right, memory: 'zq1x1 likes tea.' }],
  ['earlier metadata', { ...right, metadata: { owner: 'c1', rank: 0 } }],
])('a lost update is found by %s', async (_, body) => {
  const { actor, findings } = actorOf(body);

  await checkGet(actor, kept);

  expect(findings).toEqual([expect.stringContaining('acknowledged')]);
});

it.each([500, 503, 501, 404])('an unexpected %s is found', async (status) => {
  const { actor, findings } = actorOf({}, status);

  await checkGet(actor, kept);

  expect(findings).toEqual([expect.stringContaining(`${status} of GET /v1/memories/m1`)]);
});

it('a word that was deleted before the request is found anywhere in the answer', async () => {
  const { actor, findings } = actorOf({ results: [{ source: { text: 'zq1x1 likes tea.' } }] });
  noteDeleted(actor, [kept]);

  await actor.call('GET /v1/events');

  expect(findings).toEqual([expect.stringContaining('zq1x1 was deleted')]);
});

it('a list that lacks a memory, or has one more, is found', async () => {
  const { actor, findings } = actorOf({ results: [{ ...right, id: 'm2' }] });

  await checkRun(actor);

  expect(findings).toEqual([
    expect.stringContaining('lacks m1'),
    expect.stringContaining('has m2'),
  ]);
});

it('a search that does not find a memory by its word is found', async () => {
  const { actor, findings } = actorOf({ results: [] });

  await checkSearch(actor, kept);

  expect(findings).toEqual([expect.stringContaining('does not find m1')]);
});

it('a history that lacks an update, or that does not follow, is found', async () => {
  const lacking = actorOf([{ old_memory: null, new_memory: 'zq1x1 likes mint tea.' }]);
  const broken = actorOf([
    { old_memory: null, new_memory: 'zq1x1 likes tea.' },
    { old_memory: 'else', new_memory: 'zq1x1 likes mint tea.' },
  ]);

  await checkHistory(lacking.actor, kept);
  await checkHistory(broken.actor, kept);

  expect(lacking.findings).toEqual([expect.stringContaining('the history of m1 is')]);
  expect(broken.findings).toEqual([expect.stringContaining('does not follow')]);
});
