import { describe, expect, it } from 'vitest';
import { cancelEvent } from '../../../shared/core/events.ts';
import { updateMemory } from '../../../shared/core/memories/update-memory.ts';
import type { Step } from '../../../shared/ports/store.ts';
import { writesOf } from '../../support/intercepted-store.ts';
import { proposing } from '../../support/scripted-model.ts';
import { alice, openWorld, project, textsOf, type World } from '../../support/world.ts';

const isPlanning = (steps: readonly Step[]) => writesOf(steps, 'PLAN').length > 0;

/** One batch that takes a memory back and then teaches another in its place; `between` happens once both are planned. */
const replaced = async (
  between: (world: World, memory: string, event: string) => Promise<unknown>,
): Promise<World> => {
  const world = openWorld();
  const [memory = ''] = await world.learn('I live in Lisbon.');
  const { event } = await world.add('Forget where I live.');
  await world.add('I live in Porto.');
  world.model.next(
    proposing(
      { turn: 0, type: 'DELETE', target: { memory: 0 } },
      { turn: 1, type: 'ADD', text: 'Lives in Porto.' },
    ),
  );
  let isFirst = true;
  const worker = world.intercepted({
    async after({ steps }) {
      if (!isFirst || !isPlanning(steps)) return;
      isFirst = false;
      await between(world, memory, event);
    },
  });
  world.model.always(proposing({ turn: 0, type: 'NONE', reason: 'Something newer is known.' }));
  await world.refine(alice, worker);
  return world;
};

describe('a turn decided on what an earlier one of its batch deletes', () => {
  it('is applied as planned when that was deleted', async () => {
    const world = await replaced(async () => {});

    expect(textsOf(await world.list())).toEqual(['Lives in Porto.']);
    expect(world.model.requests).toHaveLength(2);
  });

  it('is decided again when an edit kept the memory from being deleted', async () => {
    const world = await replaced((w, memory) =>
      updateMemory(w.platform, project, memory, { text: 'Lives in Faro.' }),
    );

    expect(textsOf(await world.list())).toEqual(['Lives in Faro.']);
    expect(world.model.requests).toHaveLength(4);
  });

  it('is decided again when the turn that deletes was cancelled', async () => {
    const world = await replaced((w, _, event) => cancelEvent(w.platform, project, event));

    expect(textsOf(await world.list())).toEqual(['Learnt: I live in Lisbon.']);
    expect(world.model.requests).toHaveLength(3);
  });
});
