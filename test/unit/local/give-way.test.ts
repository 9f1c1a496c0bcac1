import { expect, it } from 'vitest';
import { createWorkClasses, type Slot } from '../../../functions/local/work-classes.ts';
import { hints } from '../../../shared/core/hints.ts';

const silent = { log() {}, count() {} };

const open = () => {
  const stop = new AbortController();
  const classes = createWorkClasses(1, stop.signal, silent);
  const enter = async (project: string): Promise<Slot> => {
    const slot = await classes.enter(hints.derive(project, 'job'), async () => {});
    if (!slot) throw new Error('stopped');
    return slot;
  };
  return { stop, enter };
};

it('an export gives its slot to the waiting export of another project, and goes on after it', async () => {
  const { enter } = open();
  const order: string[] = [];
  const first = await enter('a');
  await enter('a');
  const other = enter('b').then((slot) => {
    order.push('b runs');
    slot.leave();
  });

  const goesOn = await first.limits.giveWay?.();
  order.push('a goes on');
  await other;

  expect(goesOn).toBe(true);
  expect(order).toEqual(['b runs', 'a goes on']);
});

it('an export keeps its slot while no other export waits', async () => {
  const { enter } = open();
  const slot = await enter('a');

  expect(await slot.limits.giveWay?.()).toBe(true);
  await expect(enter('b')).resolves.toBeDefined();
});

it('an export that gave way does not go on once the process stops', async () => {
  const { enter, stop } = open();
  const first = await enter('a');
  await enter('a');
  void enter('b');

  const goesOn = first.limits.giveWay?.();
  stop.abort();

  expect(await goesOn).toBe(false);
});
