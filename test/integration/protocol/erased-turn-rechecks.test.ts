import { expect, it } from 'vitest';
import { deleteMemory } from '../../../shared/core/erasure/delete-memory.ts';
import { updateMemory } from '../../../shared/core/memories/update-memory.ts';
import { messageId } from '../../../shared/domain/memory/derived-ids.ts';
import { memoryKey, turnKey } from '../../../shared/domain/table/keys.ts';
import { type CoreFixture, openCoreFixture, project } from '../../support/core-fixture.ts';
import { proposing } from '../../support/scripted-model.ts';

/** Teaches a memory by a turn, which another turn changes. Returns the first turn. */
const teachTwice = async (service: CoreFixture): Promise<string> => {
  const change = { turn: 0, message: 0 } as const;
  service.model.next(
    proposing({ ...change, type: 'ADD', text: 'Alice lives in Oslo.' }),
    proposing({ ...change, type: 'UPDATE', target: { memory: 0 }, text: 'Alice lives in Bergen.' }),
  );
  const { turn } = await service.add('My home is Oslo.');
  await service.refine();
  await service.add('My home is Bergen.');
  await service.refine();
  await service.settle();
  return turn;
};

it('an erased turn whose memory is not indexed yet is checked again by one hint at a time, until the memory is', async () => {
  const service = openCoreFixture();
  const turn = await teachTwice(service);
  service.index.lag();
  await deleteMemory(service.platform, project, messageId(turn, 0));
  await updateMemory(service.platform, project, turn, { text: 'Alice lives in the city.' });
  const read = () => service.store.get(turnKey(project, turn));
  const memory = await service.store.get(memoryKey(project, turn));
  const hintsAtTurn = () =>
    service.hints.waiting().filter((hint) => hint.kind === 'finish' && hint.turn === turn).length;

  await service.settle();
  const waiting = await read();
  const now = service.clock.now();
  const hinted = hintsAtTurn();
  await service.index.catchUp();
  await service.settle();

  expect(memory?.state).toBe('live');
  expect(waiting?.erased).toBe(true);
  expect(waiting?.dueAt).toBeGreaterThan(now);
  expect(hinted).toBe(1);
  expect(await read()).not.toHaveProperty('dueAt');
});
