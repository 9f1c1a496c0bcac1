import { describe, expect, it } from 'vitest';
import { cancelEvent } from '../../../shared/core/events.ts';
import { updateMemory } from '../../../shared/core/memories/update-memory.ts';
import {
  alice,
  type CoreFixture,
  openCoreFixture,
  project,
  textsOf,
} from '../../support/core-fixture.ts';
import { savesPlan } from '../../support/intercepted-store.ts';
import { proposing } from '../../support/scripted-model.ts';

/** Refines a batch whose first turn deletes a memory and whose second replaces it; `between` runs once both are planned. */
const replaced = async (
  between: (service: CoreFixture, memory: string, event: string) => Promise<unknown>,
): Promise<CoreFixture> => {
  const service = openCoreFixture();
  const [memory = ''] = await service.learn('I live in Lisbon.');
  const { event } = await service.add('Forget where I live.');
  await service.add('I live in Porto.');
  service.model.next(
    proposing(
      { turn: 0, type: 'DELETE', target: { memory: 0 } },
      { turn: 1, type: 'ADD', text: 'Lives in Porto.' },
    ),
  );
  let isFirst = true;
  const worker = service.intercepted({
    async after({ steps }) {
      if (!isFirst || !savesPlan(steps)) return;
      isFirst = false;
      await between(service, memory, event);
    },
  });
  service.model.always(proposing({ turn: 0, type: 'NONE', reason: 'Something newer is known.' }));
  await service.refine(alice, worker);
  return service;
};

describe('a turn decided on what an earlier one of its batch deletes', () => {
  it('a turn that takes an earlier deletion for done is applied as planned when the memory was deleted', async () => {
    const service = await replaced(async () => {});

    expect(textsOf(await service.list())).toEqual(['Lives in Porto.']);
    expect(service.model.requests).toHaveLength(2);
  });

  it('a turn that takes an earlier deletion for done is decided again when an edit prevented the deletion', async () => {
    const service = await replaced((w, memory) =>
      updateMemory(w.platform, project, memory, { text: 'Lives in Faro.' }),
    );

    expect(textsOf(await service.list())).toEqual(['Lives in Faro.']);
    expect(service.model.requests).toHaveLength(4);
  });

  it('a turn that takes an earlier deletion for done is decided again when the deleting turn was cancelled', async () => {
    const service = await replaced((w, _, event) => cancelEvent(w.platform, project, event));

    expect(textsOf(await service.list())).toEqual(['Learnt: I live in Lisbon.']);
    expect(service.model.requests).toHaveLength(3);
  });
});
