import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClient } from '../../../functions/library/client.ts';
import { createMemory } from '../../../functions/library/index.ts';
import type { LocalMemory } from '../../../functions/library/memory-interface.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

let folder: ReturnType<typeof temporaryFolder>;
let memory: LocalMemory;
const id = '01890a5d-ac96-774b-bcce-b302099a8057';
const date = new Date(0);

beforeEach(async () => {
  folder = temporaryFolder();
  memory = await createMemory({ dataDir: folder.file('data') });
});

afterEach(async () => {
  await memory.close();
  folder.remove();
});

/** Calls a method as a program without types may. */
const call = async (method: string, given: readonly unknown[]): Promise<unknown> => {
  const operation: unknown = Reflect.get(memory, method);
  if (!(operation instanceof Function)) throw new Error(`There is no method ${method}.`);
  const result: unknown = await operation(...given);
  const task = method === 'processAsync' ? result : undefined;
  const wait: unknown = task instanceof Object ? Reflect.get(task, 'wait') : undefined;
  return wait instanceof Function ? wait() : result;
};

const before: readonly (readonly [string, readonly unknown[]])[] = [
  ['add', ['I live in Oslo.']],
  ['search', ['where?']],
  ['context', ['where?']],
  ['getAll', []],
  ['get', [id]],
  ['update', [id, 'x']],
  ['delete', [id]],
  ['deleteAll', []],
  ['history', [id]],
  ['reset', []],
  ['waitForEvent', [id]],
  ['addExchange', ['ana', 'a', 'b']],
  ['process', ['ana']],
  ['processAsync', ['ana']],
  ['flush', ['ana']],
  ['waitForProcessing', ['ana']],
];

describe('arguments that would not be read', () => {
  it('every method of a memory is among those that are tested', () => {
    const names = Object.keys(memory).filter((name) => name !== 'close');

    expect(before.map(([method]) => method).sort()).toEqual(names.sort());
  });

  it.each(before)('%s refuses options that are no object', async (method, given) => {
    for (const options of ['a', 5, null, date, ['a'], true, new Map()])
      await expect(call(method, [...given, options])).rejects.toMatchObject({
        name: 'ValidationError',
        code: 'invalid_request',
        operation: method,
        field: 'options',
        message: `${method}: the argument options must be an object.`,
      });
  });

  it.each(before)('%s refuses an argument behind its options', async (method, given) => {
    await expect(call(method, [...given, {}, undefined])).rejects.toMatchObject({
      name: 'ValidationError',
      code: 'too_many_arguments',
      message: expect.stringContaining(`${method} takes at most ${given.length + 1} argument`),
    });
  });

  it('a reset with a user deletes nothing', async () => {
    await memory.add('I live in Oslo.', { userId: 'ana' });

    await expect(call('reset', ['ana'])).rejects.toMatchObject({ code: 'invalid_request' });

    expect((await memory.getAll({ userId: 'ana' })).count).toBe(1);
  });

  it.each([
    ['addExchange', ['ana', 'I sing.', undefined], 'assistant'],
    ['addExchange', ['ana', 5, 'b'], 'user'],
    ['waitForProcessing', ['ana', { timeout: '5' }], 'timeout'],
    ['add', ['x', { userId: 'ana', signal: 5 }], 'signal'],
    ['add', ['x', { userId: 'ana', wait: 'no' }], 'wait'],
    ['add', ['x', { userId: 'ana', idempotencyKey: {} }], 'idempotencyKey'],
    ['update', [id, 5], 'change'],
    ['update', [id, ['x']], 'change'],
  ])('%s with %j names %s', async (method, given, field) => {
    await expect(call(method, given)).rejects.toMatchObject({
      name: 'ValidationError',
      code: 'invalid_request',
      operation: method,
      field,
      message: expect.stringContaining(field),
    });
  });

  it('an event without an id is refused', async () => {
    await expect(call('waitForEvent', [undefined])).rejects.toMatchObject({
      code: 'invalid_id',
      field: 'id',
    });
  });
});

describe('arguments of which nothing can be opened', () => {
  it.each([[[null]], [['folder']], [[{}, {}]]])('createMemory refuses %j', async (given) => {
    const open: (...options: readonly never[]) => Promise<unknown> = createMemory;

    await expect(Reflect.apply(open, undefined, given)).rejects.toMatchObject({
      name: 'ConfigurationError',
      code: 'bad_setting',
      field: 'options',
    });
  });

  it.each([
    [[undefined], 'options'],
    [['http://localhost', 'key'], 'options'],
    [[{ url: 'http://localhost', apiKey: 'k' }, 'key'], 'options'],
    [[{ url: 'http://localhost', apiKey: 'k', requestTimeoutMs: '5' }], 'requestTimeoutMs'],
    [[{ url: 'http://localhost', apiKey: 'k', fetch: 5 }], 'fetch'],
  ])('createClient refuses %j by naming %s', (given, field) => {
    expect(() => Reflect.apply(createClient, undefined, given)).toThrow(
      expect.objectContaining({ code: 'bad_setting', field }),
    );
  });
});
